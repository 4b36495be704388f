//! The examples that have a Python script with the same name, most of them on
//! the page "Python's other tools": both print the same.

use std::fs;
use std::path::Path;

use harness::Program;

const PACKAGE: &str = env!("CARGO_PKG_NAME");

/// The examples of this lesson that have a script in Python.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(folder).expect("the lesson has examples");
    let files = files.map(|file| file.expect("a file").path());
    let scripts =
        files.filter(|file| file.extension().is_some_and(|e| e == "py"));
    let stem = |file: &Path| file.file_stem()?.to_str().map(String::from);
    let names: Vec<_> = scripts.filter_map(|file| stem(&file)).collect();
    assert!(!names.is_empty(), "{PACKAGE} has none");
    names
}

#[test]
fn every_example_ends_well() {
    for name in examples() {
        let run = Program::example(PACKAGE, &name).run();
        assert_eq!(run.code, Some(0), "{name}: {run:?}");
        assert!(!run.lines.is_empty(), "{name} prints something");
    }
}

#[test]
#[ignore = "needs python3"]
fn every_example_prints_what_python_prints() {
    for name in examples() {
        let ours = Program::example(PACKAGE, &name).run();
        let script = format!("examples/{name}");
        let theirs = Program::script(PACKAGE, &script).run();
        assert_eq!(ours.lines, theirs.lines, "{name}: {theirs:?}");
    }
}
