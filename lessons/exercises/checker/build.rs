//! Makes a module of every answer, with a copy of the check in it:
//!
//! ```text
//! mod lesson08_lock {
//!     pub mod solution { mod answer; pub mod check; }
//!     pub mod opposite_order { mod answer; pub mod check; }
//! }
//! ```
//!
//! With `EXERCISE=lesson08_lock`, it takes only the reader's answer to that
//! exercise: an answer that does not compile is not in the way of the others.
//! With `AS_WRITTEN=yes` it leaves out the check, and compiles the answer as it
//! is.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// These are checked in many interleavings: `std::sync` and `std::thread` in an
/// answer become those of `shuttle` (see `src/model_std.rs`).
const MODELS: [&str; 8] = [
    "lesson04_pool",
    "lesson07_refused",
    "lesson08_lock",
    "lesson08_refused",
    "lesson09_rlock",
    "lesson10_condition",
    "lesson11_event",
    "lesson13_producer_consumer",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.expect("the folder of the exercises");
    for variable in ["EXERCISE", "AS_WRITTEN"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    for folder in ["src", "solutions", "wrong", "checks", "unsolved"] {
        println!("cargo::rerun-if-changed=../{folder}");
    }
    let only = env::var("EXERCISE").ok().filter(|name| !name.is_empty());
    let is_checked = env::var_os("AS_WRITTEN").is_none();
    let mut modules = String::new();
    let mut table = String::new();
    for exercise in stems(&root.join("unsolved")) {
        let answers = match &only {
            Some(only) if *only != exercise => continue,
            Some(_) => vec![("src".into(), file(&root.join("src"), &exercise))],
            None => answers(root, &exercise),
        };
        modules += &format!("mod {exercise} {{\n");
        for (name, mut path) in answers {
            let lints = if name == "solution" { "" } else { ALLOW };
            if is_checked && MODELS.contains(&exercise.as_str()) {
                path = for_the_model(&path, root);
            }
            modules += &format!(
                "pub mod {name} {{\n{lints} #[path = {path:?}] mod answer;\n"
            );
            if is_checked {
                let check = file(&root.join("checks"), &exercise);
                modules += &format!("#[path = {check:?}] pub mod check;\n");
                let check = format!("{exercise}::{name}::check::check");
                table += &format!("({exercise:?}, {name:?}, {check}),\n");
            }
            modules += "}\n";
        }
        modules += "}\n";
    }
    let text = format!("{modules}const CHECKS: &[Check] = &[\n{table}];\n");
    fs::write(out().join("answers.rs"), text).expect("a file of ours");
}

/// What an answer may do that is not finished, or wrong.
const ALLOW: &str = "#[allow(unused, clippy::all, clippy::todo)]";

/// All answers to an exercise, each with its name.
fn answers(root: &Path, exercise: &str) -> Vec<(String, PathBuf)> {
    let wrong = root.join("wrong").join(exercise);
    let mut answers =
        vec![("solution".into(), file(&root.join("solutions"), exercise))];
    let unsolved = file(&root.join("unsolved"), exercise);
    let text = fs::read_to_string(unsolved).expect("an exercise");
    // The compiler refuses some exercises until they are solved.
    if !text.contains("error[E") {
        answers.push(("src".into(), file(&root.join("src"), exercise)));
    }
    for name in stems(&wrong) {
        answers.push((name.clone(), file(&wrong, &name)));
    }
    answers
}

/// A copy of an answer that uses `model_std` in place of `std`.
fn for_the_model(answer: &Path, root: &Path) -> PathBuf {
    let text = fs::read_to_string(answer).expect("an answer");
    let mut copied = String::new();
    for part in text.split_inclusive("std::") {
        let before = part.strip_suffix("std::").filter(|before| {
            !before.ends_with(|c: char| c == '_' || c.is_alphanumeric())
        });
        match before {
            Some(before) => copied += &format!("{before}crate::model_std::"),
            None => copied += part,
        }
    }
    let copy = out().join(answer.strip_prefix(root).expect("it is in there"));
    fs::create_dir_all(copy.parent().expect("a folder")).expect("ours");
    fs::write(&copy, copied).expect("a file of ours");
    copy
}

fn out() -> PathBuf {
    env::var_os("OUT_DIR").expect("cargo sets it").into()
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("rs")
}

/// The names of the files in a folder, in order.
fn stems(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder of answers");
    let mut stems: Vec<String> = files
        .map(|file| file.expect("a file").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.into()))
        .collect();
    stems.sort();
    stems
}
