//! The scripts behind the page of corrections: on each CPython that is here,
//! each of them must still show what the page says.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use regex_lite::Regex;

/// What a script prints on each CPython, by the `N` of its `3.N`; `14t` is
/// free-threaded.
type Shown = BTreeMap<String, Vec<String>>;

/// Some of them measure. On a busy machine one of three runs may succeed.
#[cfg(target_os = "linux")]
#[test]
fn every_correction_shows_what_the_page_says() {
    let mut left = names();
    assert!(left.len() > 30, "there are some: {left:?}");
    let mut faults = Vec::new();
    for _ in 0..3 {
        let (tables, errors) = run_scripts(&left);
        faults.clear();
        left.retain(|name| {
            let table = tables.get(name).map_or("", String::as_str);
            let file = harness::root().join("book/corrections").join(name);
            let recorded = fs::read_to_string(file.with_extension("txt"));
            let recorded = recorded.unwrap_or_default();
            let found = faults_of(&shown(&recorded), &shown(table));
            faults.extend(found.iter().map(|it| format!("{name}: {it}")));
            !found.is_empty()
        });
        if left.is_empty() {
            return;
        }
        faults.push(errors);
    }
    panic!("\n{}", faults.join("\n"));
}

fn names() -> Vec<String> {
    let folder = harness::root().join("book/corrections");
    let files = fs::read_dir(folder).expect("the folder is there");
    let paths = files.map(|file| file.expect("an entry").path());
    let scripts = paths.filter(|path| path.extension() == Some("py".as_ref()));
    let stem = |path: PathBuf| path.file_stem()?.to_str().map(String::from);
    scripts.filter_map(stem).collect()
}

/// What these scripts show now, and the messages about those that fail.
fn run_scripts(names: &[String]) -> (BTreeMap<String, String>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("corrections")
        .args(names)
        .output()
        .expect("the book's tool starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let shown = String::from_utf8(output.stdout).expect("it is text");
    let shown = match names {
        [one] => format!("{one}\n{shown}"), // Its output has no name.
        _ => shown,
    };
    (tables(&shown), errors)
}

/// Each script's name, and the table below it.
fn tables(output: &str) -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    let is_name = regex("^[0-9]{2}_[a-z_]+$");
    let mut name = "";
    for line in output.lines() {
        if is_name.is_match(line) {
            name = line;
        } else {
            let table: &mut String = tables.entry(name.into()).or_default();
            *table += line;
            table.push('\n');
        }
    }
    tables
}

/// Reads a table: below the versions, further in, what they show.
fn shown(table: &str) -> Shown {
    let mut shown = Shown::new();
    let mut minors: Vec<String> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with("$ ")) {
        match line.strip_prefix("  ") {
            None => minors = versions(line),
            Some(text) => {
                for minor in &minors {
                    let lines = shown.entry(minor.clone()).or_default();
                    lines.push(without_figures(text));
                }
            }
        }
    }
    shown
}

/// `3.8`, `3.8, 3.9`, `3.8 to 3.13` and `3.8 to 3.13, 3.14t`.
fn versions(label: &str) -> Vec<String> {
    let minor = regex(r"3\.([0-9]+t?)( to 3\.([0-9]+))?");
    let number = |text: &str| -> Option<u32> { text.parse().ok() };
    let versions = minor.captures_iter(label).flat_map(|found| {
        let range = found
            .get(3)
            .and_then(|last| Some(number(&found[1])?..=number(last.as_str())?));
        match range {
            Some(range) => range.map(|minor| minor.to_string()).collect(),
            None => vec![found[1].to_string()],
        }
    });
    versions.collect()
}

/// A line without its measured figures, which are in brackets.
fn without_figures(line: &str) -> String {
    regex(r" \([^)]*[0-9][^)]*\)").replace_all(line, "").into_owned()
}

/// What is no longer as it was recorded. A version that was not there then may
/// show what it likes; that its script succeeds is known already.
fn faults_of(recorded: &Shown, fresh: &Shown) -> Vec<String> {
    let mut faults = Vec::new();
    if recorded.is_empty() || fresh.is_empty() {
        faults.push("nothing was recorded, or nothing is shown".into());
    }
    for (minor, lines) in fresh {
        if let Some(was) = recorded.get(minor).filter(|was| *was != lines) {
            faults
                .push(format!("on 3.{minor} it shows {lines:?}, not {was:?}"));
        }
    }
    faults
}

#[test]
fn a_correction_that_shows_something_else_is_reported() {
    let recorded = "$ cargo run -p book -- corrections 02_race\n\
                    3.8, 3.9:\n  it loses one (in run 3)\n  and another\n\
                    3.10 to 3.12, 3.14t:\n  it loses none\n";
    let of = |fresh: &str| faults_of(&shown(recorded), &shown(fresh));
    assert_eq!(of(recorded), [""; 0]);
    let fresh = "3.9:\n  it loses one (in run 12)\n  and another\n\
                 3.11:\n  it loses none\n\
                 3.14:\n  it is as it may be\n";
    assert_eq!(of(fresh), [""; 0], "fewer versions, figures, a new version");
    for (fresh, minor) in [
        ("3.8:\n  it loses one\n", "3.8"),
        ("3.9:\n  it loses none\n", "3.9"),
        ("3.10 to 3.13:\n  it loses one\n", "3.12"),
        ("3.14t:\n  it loses one\n", "3.14t"),
    ] {
        let faults = of(fresh).join("\n");
        assert!(faults.contains(&format!("on {minor} ")), "{faults:?}");
    }
    assert!(!of("").is_empty(), "nothing is shown");
    assert!(!faults_of(&shown(""), &shown(fresh)).is_empty(), "not recorded");
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is right")
}
