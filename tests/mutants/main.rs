//! Each of these changes breaks a lesson, and must turn one of its tests red.
//!
//! They are about concurrency: a plain loop in place of threads, an unbounded
//! queue, a thread that spins, a child that outlives its parent. The libraries
//! are checked by `cargo mutants` instead (see `tests/run`).
//!
//! The workspace is copied to `target/mutants` and changed there. One lesson:
//! `cargo test -p harness --test mutants lesson08`.

mod list;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command};
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{env, thread};

use harness::{kill_marked, root};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// One change that a test must notice.
struct Mutant {
    what: &'static str,
    /// Below `lessons`.
    file: &'static str,
    /// Appears once in the file.
    from: &'static str,
    to: &'static str,
}

macro_rules! lessons {
    ($($lesson:ident)*) => { $(
        #[test]
        fn $lesson() {
            assert_mutants_are_noticed(stringify!($lesson));
        }
    )* };
}

lessons! {
    lesson00_fork lesson01_process lesson02_daemon lesson03_join lesson04_pool
    lesson05_subprocess lesson06_process_queue lesson07_threads lesson08_lock
    lesson09_rlock lesson10_condition lesson11_event lesson12_thread_local
    lesson13_producer_consumer lesson14_distributed lesson15_choosing
}

fn assert_mutants_are_noticed(lesson: &str) {
    static COPIED: Once = Once::new();
    COPIED.call_once(|| mirror_workspace().expect("a copy of the workspace"));
    let is_its = |mutant: &&Mutant| mutant.file.starts_with(lesson);
    let mutants: Vec<_> = list::MUTANTS.iter().filter(is_its).collect();
    assert!((1..=4).contains(&mutants.len()), "{}", mutants.len());
    test(lesson, &[], UNCHANGED).expect("the lesson passes unchanged");
    let faults = mutants.into_iter().filter_map(|it| fault_of(lesson, it));
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// How the change went unnoticed, if it did.
fn fault_of(lesson: &str, mutant: &Mutant) -> Option<String> {
    let Mutant { what, file, from, to } = mutant;
    let path = copy().join("lessons").join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    if text.matches(from).count() != 1 {
        return Some(format!("{file}: {what}: its text is not there once"));
    }
    fs::write(&path, text.replacen(from, to, 1)).expect("a changed file");
    let built = test(lesson, &["--no-run"], CHANGED);
    let tested = test(lesson, &[], CHANGED);
    fs::write(&path, text).expect("the file as it was");
    match (built, tested) {
        (Err(output), _) => Some(format!("{file}: {what}: {output}")),
        (_, Ok(())) => Some(format!("{file}: {what}: all tests pass")),
        _ => None,
    }
}

/// How many seconds a program may take when nothing is changed, and when
/// something is: many changes make one hang.
const UNCHANGED: u32 = 60;
const CHANGED: u32 = 15;

/// Runs `cargo test` for a lesson in the copy, until the first test fails. Its
/// output, if one did. It goes to a file, as a pipe ends only when the last
/// orphan has closed it.
fn test(lesson: &str, options: &[&str], deadline: u32) -> Result<(), String> {
    let output = tempfile::tempfile().expect("a temporary file");
    let end = || output.try_clone().expect("a second handle");
    // Another run of this test may try the same lesson.
    let mark = format!("{lesson} of {}", process::id());
    let cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["test", "--quiet", "--package", lesson, "--target-dir"])
        .arg(root().join("target/mutants/target"))
        .args(options)
        .env("HARNESS_DEADLINE", deadline.to_string())
        .env(MARK, &mark)
        .current_dir(copy())
        .process_group(0)
        .stdout(end())
        .stderr(end())
        .spawn()
        .expect("cargo runs this test");
    let passed = wait_for_result(cargo, &mark, &output);
    if passed { Ok(()) } else { Err(so_far(&output)) }
}

/// Marks what a run has started.
const MARK: &str = "MUTANT_OF";

/// Waits for the end of the run, or for its first failure, and kills the rest.
/// Returns whether all tests passed.
fn wait_for_result(mut cargo: Child, mark: &str, output: &File) -> bool {
    let limit = Instant::now() + Duration::from_secs(600);
    loop {
        if let Some(status) = cargo.try_wait().expect("it is our child") {
            kill_marked(MARK, mark);
            return status.success();
        }
        if Instant::now() > limit || so_far(output).contains("FAILED") {
            // An error means that it has exited meanwhile.
            let _ = killpg(Pid::from_raw(cargo.id() as i32), Signal::SIGKILL);
            kill_marked(MARK, mark);
            cargo.wait().expect("it is our child");
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What the run has printed so far. `read_exact_at` leaves its position alone.
fn so_far(output: &File) -> String {
    let length = output.metadata().expect("it is open").len();
    let mut text = vec![0; length as usize];
    output.read_exact_at(&mut text, 0).expect("it only grows");
    String::from_utf8_lossy(&text).into_owned()
}

fn copy() -> PathBuf {
    root().join("target/mutants/workspace")
}

/// Copies what cargo needs, and touches only files that differ.
fn mirror_workspace() -> io::Result<()> {
    let needed =
        ["Cargo.toml", "Cargo.lock", "lessons", "shared", "tests", "book"];
    fs::create_dir_all(copy())?;
    for entry in needed {
        mirror(&root().join(entry), &copy().join(entry))?;
    }
    Ok(())
}

fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        let text = fs::read(from)?;
        if fs::read(to).ok().as_ref() != Some(&text) {
            fs::write(to, text)?;
        }
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?; // Left from an earlier copy, maybe.
        match from.join(entry.file_name()).exists() {
            true => {}
            false if entry.path().is_dir() => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        // Another workspace, and what it has found so far.
        if name != "fuzz" {
            mirror(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}
