//! The compiler must refuse each program in `rejected/`, and for its own
//! reason: the first line of the program names the error.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use harness::root;
use regex_lite::Regex;

/// The name of each program, and the error that its first line names; `None`
/// for the one that is accepted.
fn programs() -> Vec<(String, Option<String>)> {
    let folder = folder().join("src/bin");
    let files = fs::read_dir(folder).expect("the programs are there");
    let mut programs: Vec<_> = files
        .flatten()
        .map(|file| {
            let text = fs::read_to_string(file.path()).expect("a program");
            let name = file.path().file_stem().expect("a name").to_owned();
            let name = name.into_string().expect("plain letters");
            (name, wanted(&text))
        })
        .collect();
    programs.sort();
    programs
}

fn wanted(program: &str) -> Option<String> {
    let first = program.lines().next().unwrap_or_default();
    if first.starts_with("// accepted:") {
        return None;
    }
    let error = Regex::new(r"^// error\[(E\d{4})\]: .").expect("a pattern");
    let found = error.captures(first);
    let found = found.unwrap_or_else(|| panic!("names no error: {first}"));
    Some(found[1].into())
}

fn folder() -> PathBuf {
    root().join("tests/rejected")
}

/// The compiler's message about one program, in a target folder of its own.
fn compile(name: &str) -> (bool, String) {
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["check", "--quiet", "--color", "never", "--bin", name])
        .arg("--target-dir")
        .arg(root().join("target/rejected"))
        .current_dir(folder())
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs this test");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), message)
}

/// Why this is not the refusal that was wanted, if it is not.
fn fault(
    name: &str,
    wanted: &str,
    compiled: bool,
    message: &str,
) -> Option<String> {
    if compiled {
        return Some(format!("{name} compiles, and must not"));
    }
    let code = Regex::new(r"(?m)^error(\[E\d{4}\])?: ").expect("a pattern");
    let ours = format!("--> src/bin/{name}.rs:");
    let codes: BTreeSet<_> = code
        .find_iter(message)
        .map(|found| found.as_str().trim_end_matches(": "))
        .filter(|found| *found != "error")
        .collect();
    let wanted = format!("error[{wanted}]");
    let right = codes.iter().eq([&wanted.as_str()]) && message.contains(&ours);
    (!right).then(|| format!("{name} must be refused for {wanted}:\n{message}"))
}

#[test]
fn every_program_is_refused_for_its_own_reason() {
    let refused = programs().into_iter().filter_map(|(name, wanted)| {
        let wanted = wanted?;
        let (compiled, message) = compile(&name);
        Some((fault(&name, &wanted, compiled, &message), name))
    });
    let (faults, names): (Vec<_>, Vec<_>) = refused.unzip();
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(names.len() >= 7, "there are some: {names:?}");
}

#[test]
fn what_is_right_is_accepted() {
    let accepted = programs().into_iter().filter(|(_, e)| e.is_none());
    let names: Vec<_> = accepted.map(|(name, _)| name).collect();
    assert_eq!(names, ["accepted"]);
    let (compiled, message) = compile("accepted");
    assert!(compiled, "{message}");
}

#[test]
fn a_program_refused_for_another_reason_is_reported() {
    let message = "error[E0382]: moved\n --> src/bin/a.rs:1:2\n\
                error: could not compile `rejected`\n";
    assert_eq!(fault("a", "E0382", false, message), None);
    assert!(fault("a", "E0382", true, "").unwrap().contains("compiles"));
    assert!(fault("a", "E0499", false, message).is_some(), "another error");
    assert!(fault("b", "E0382", false, message).is_some(), "another file");
    let both = format!("{message}error[E0433]: no such crate\n");
    assert!(fault("a", "E0382", false, &both).is_some(), "one too many");
}
