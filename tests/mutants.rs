//! Each of these changes breaks a lesson, and must turn one of its tests red.
//!
//! The workspace is copied to `target/mutants` and changed there, never here.
//! `MUTANTS_OF=lesson08 cargo test -p harness --test mutants -- --ignored`
//! tries those of one lesson only. `MUTANTS_TIMES=5` runs the tests of each
//! five times, and each time one must turn red: luck does not count.
//!
//! Those of lesson 14 on its engine want a `nats-server`, 2.10 or later, and a
//! quarter of an hour: `NATS_SERVER=... cargo test -p harness --test mutants --
//! --ignored every_mutant_of_the_engine`. Try them when that code changes.

#[path = "mutants/lesson00_fork.rs"]
mod lesson00_fork;
#[path = "mutants/lesson01_process.rs"]
mod lesson01_process;
#[path = "mutants/lesson02_daemon.rs"]
mod lesson02_daemon;
#[path = "mutants/lesson03_join.rs"]
mod lesson03_join;
#[path = "mutants/lesson04_pool.rs"]
mod lesson04_pool;
#[path = "mutants/lesson05_subprocess.rs"]
mod lesson05_subprocess;
#[path = "mutants/lesson06_process_queue.rs"]
mod lesson06_process_queue;
#[path = "mutants/lesson07_threads.rs"]
mod lesson07_threads;
#[path = "mutants/lesson08_lock.rs"]
mod lesson08_lock;
#[path = "mutants/lesson09_rlock.rs"]
mod lesson09_rlock;
#[path = "mutants/lesson10_condition.rs"]
mod lesson10_condition;
#[path = "mutants/lesson11_event.rs"]
mod lesson11_event;
#[path = "mutants/lesson12_thread_local.rs"]
mod lesson12_thread_local;
#[path = "mutants/lesson13_producer_consumer.rs"]
mod lesson13_producer_consumer;
#[path = "mutants/lesson14_distributed.rs"]
mod lesson14_distributed;
#[path = "mutants/lesson15_choosing.rs"]
mod lesson15_choosing;

use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs, iter, thread};

use harness::{kill_marked, root};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// One change that must not go unnoticed.
struct Mutant {
    what: &'static str,
    file: &'static str,
    /// Stands in the file once.
    from: &'static str,
    to: &'static str,
}

/// The changes of one lesson, and the tests of it that may notice them.
struct OfLesson {
    lesson: &'static str,
    mutants: &'static [Mutant],
    /// For `cargo test`; if there are none, all that are not ignored.
    tests: &'static [&'static str],
}

const fn all(lesson: &'static str, mutants: &'static [Mutant]) -> OfLesson {
    OfLesson { lesson, mutants, tests: &[] }
}

const LESSONS: &[OfLesson] = &[
    all("lesson00_fork", lesson00_fork::MUTANTS),
    all("lesson01_process", lesson01_process::MUTANTS),
    all("lesson02_daemon", lesson02_daemon::MUTANTS),
    all("lesson03_join", lesson03_join::MUTANTS),
    all("lesson04_pool", lesson04_pool::MUTANTS),
    all("lesson05_subprocess", lesson05_subprocess::MUTANTS),
    all("lesson06_process_queue", lesson06_process_queue::MUTANTS),
    all("lesson07_threads", lesson07_threads::MUTANTS),
    all("lesson08_lock", lesson08_lock::MUTANTS),
    all("lesson09_rlock", lesson09_rlock::MUTANTS),
    all("lesson10_condition", lesson10_condition::MUTANTS),
    all("lesson11_event", lesson11_event::MUTANTS),
    all("lesson12_thread_local", lesson12_thread_local::MUTANTS),
    all("lesson13_producer_consumer", lesson13_producer_consumer::MUTANTS),
    all("lesson14_distributed", lesson14_distributed::MUTANTS),
    all("lesson15_choosing", lesson15_choosing::MUTANTS),
];

/// What lesson 14 does on the engine.
const ON_NATS: OfLesson = OfLesson {
    lesson: "lesson14_distributed",
    mutants: lesson14_distributed::ON_NATS,
    tests: &[
        "--features=nats",
        "--test=lesson14_distributed",
        "--",
        "--include-ignored",
        "both::nats",
        "cluster::",
        "lives",
        "trouble",
    ],
};

/// One test at a time changes the copy.
static COPY: Mutex<()> = Mutex::new(());

fn copy() -> PathBuf {
    root().join("target/mutants/workspace")
}

/// Copies what cargo needs, and touches only files that differ.
fn fresh_copy() -> io::Result<()> {
    fs::create_dir_all(copy())?;
    let needed = ["Cargo.toml", "Cargo.lock", "lessons", "shared", "tests"];
    for entry in needed.iter().chain(&["book"]) {
        mirror(&root().join(entry), &copy().join(entry))?;
    }
    Ok(())
}

fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_name() == "fuzz" {
                continue; // Another workspace, and what it has found so far.
            }
            mirror(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let text = fs::read(from)?;
    if fs::read(to).ok().as_ref() != Some(&text) {
        fs::write(to, text)?;
    }
    Ok(())
}

/// How many seconds a program may take when nothing is changed, and when
/// something is: many changes make one hang.
const UNCHANGED: u32 = 60;
const CHANGED: u32 = 15;

/// Runs `cargo test` for a lesson in the copy, until the first test fails. Its
/// words, if one did: they go to a file, for a pipe ends only when the last
/// orphan has closed it.
fn test(of: &OfLesson, only: &[&str], deadline: u32) -> Result<(), String> {
    let words = tempfile::tempfile().expect("a temporary file");
    let end = |words: &fs::File| words.try_clone().expect("a second handle");
    // Another run of this test may try the same lesson.
    let mark = format!("{} of {}", of.lesson, process::id());
    let cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["test", "--quiet", "--package", of.lesson, "--target-dir"])
        .arg(root().join("target/mutants/target"))
        .args(only)
        .args(of.tests)
        .env("HARNESS_DEADLINE", deadline.to_string())
        .env(MARK, &mark)
        .current_dir(copy())
        .process_group(0)
        .stdout(end(&words))
        .stderr(end(&words))
        .spawn()
        .expect("cargo runs this test");
    let well = ends_well(cargo, &mark, &words);
    if well { Ok(()) } else { Err(so_far(&words)) }
}

/// What the run has said so far. It goes on writing where it is.
fn so_far(words: &fs::File) -> String {
    let length = words.metadata().expect("it is open").len();
    let mut text = vec![0; length as usize];
    words.read_exact_at(&mut text, 0).expect("it only grows");
    String::from_utf8_lossy(&text).into_owned()
}

/// Marks what a run has started.
const MARK: &str = "MUTANT_OF";

/// Waits for the end of the run, or for its first failure. Whatever is left
/// is killed then.
fn ends_well(mut cargo: Child, mark: &str, words: &fs::File) -> bool {
    let limit = Instant::now() + Duration::from_secs(600);
    loop {
        if let Some(status) = cargo.try_wait().expect("it is ours") {
            kill_marked(MARK, mark);
            return status.success();
        }
        if Instant::now() > limit || so_far(words).contains("FAILED") {
            // It may have ended meanwhile, and that is what we want.
            let _ = killpg(Pid::from_raw(cargo.id() as i32), Signal::SIGKILL);
            kill_marked(MARK, mark);
            cargo.wait().expect("it is ours");
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// How the change went unnoticed, if it did.
fn unnoticed(of: &OfLesson, mutant: &Mutant) -> Option<String> {
    let lesson = of.lesson;
    let Mutant { what, file, from, to } = mutant;
    let path = copy().join("lessons").join(lesson).join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    let changed = text.replacen(from, to, 1);
    if text.matches(from).count() != 1 {
        return Some(format!("{lesson}: {what}: stands not once in {file}"));
    }
    fs::write(&path, changed).expect("the copy can be changed");
    let built = test(of, &["--no-run"], CHANGED);
    let noticed = (0..times()).all(|_| test(of, &[], CHANGED).is_err());
    fs::write(&path, text).expect("and changed back");
    match built {
        Err(words) => Some(format!("{lesson}: {what}: {words}")),
        Ok(()) if !noticed => Some(format!("{lesson}: {what}: all tests pass")),
        Ok(()) => None,
    }
}

/// How often each change must be noticed.
fn times() -> usize {
    let times = env::var("MUTANTS_TIMES").unwrap_or("1".into());
    times.parse().expect("MUTANTS_TIMES is a number")
}

/// Tries all changes of a lesson, and returns those that go unnoticed.
fn faults_of(of: &OfLesson) -> Vec<String> {
    if let Err(words) = test(of, &[], UNCHANGED) {
        return vec![format!("{} must pass unchanged: {words}", of.lesson)];
    }
    of.mutants.iter().filter_map(|mutant| unnoticed(of, mutant)).collect()
}

#[test]
#[ignore = "needs minutes: builds and tests every mutant"]
fn every_mutant_turns_a_test_red() {
    let _ours = COPY.lock();
    fresh_copy().expect("the workspace can be copied");
    let only = env::var("MUTANTS_OF").unwrap_or_default();
    let lessons = LESSONS.iter().filter(|of| of.lesson.contains(&only));
    // The tests of a lesson mostly wait: some lessons are tried at a time.
    let lessons = &Mutex::new(lessons);
    let next = || lessons.lock().unwrap().next();
    let lane = || iter::from_fn(next).flat_map(faults_of).collect::<Vec<_>>();
    let at_a_time = thread::available_parallelism().map_or(1, usize::from) / 2;
    let faults: Vec<_> = thread::scope(|s| {
        let lanes: Vec<_> = (0..=at_a_time).map(|_| s.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs minutes and nats-server: builds and tests every mutant"]
fn every_mutant_of_the_engine_turns_a_test_red() {
    let _ours = COPY.lock();
    fresh_copy().expect("the workspace can be copied");
    let faults = faults_of(&ON_NATS);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
