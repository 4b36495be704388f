//! CPython's own tests, with our server in place of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use harness::{Background, Run, pythons, root};

mod example;

use example::example;

/// The server, built from `examples/sync_manager.rs` as it is now.
static SERVER: LazyLock<PathBuf> = LazyLock::new(|| example("sync_manager"));

/// All of them wait a lot, and are at it at once.
const LONG: Duration = Duration::from_secs(300);

/// What every CPython from 3.8 up has, and newer ones in more tests.
const CLASSES: [(&str, usize); 8] = [
    ("WithManagerTestQueue", 10),
    ("WithManagerTestLock", 3),
    ("WithManagerTestSemaphore", 3),
    ("WithManagerTestEvent", 1),
    ("WithManagerTestMyManager", 3),
    ("WithManagerTestManagerRestart", 1),
    ("TestSyncManagerTypes", 12),
    ("OtherTest", 2),
];

/// CPython skips them for a manager: they are about its own processes.
const SKIPPED: [&str; 7] = [
    "WithManagerTestLock.test_lock_locked_2processes",
    "WithManagerTestLock.test_repr_lock",
    "WithManagerTestLock.test_repr_rlock",
    "WithManagerTestLock.test_rlock_locked_2processes",
    "WithManagerTestQueue.test_queue_feeder_donot_stop_onexc",
    "WithManagerTestQueue.test_queue_feeder_on_queue_feeder_error",
    "WithManagerTestSemaphore.test_timeout",
];

/// They never ask a server, or want to be refused and are.
const INDIFFERENT: [&str; 7] = [
    "OtherTest.test_answer_challenge_auth_failure",
    "OtherTest.test_deliver_challenge_auth_failure",
    "TestManagerExceptions.test_dispatch",
    "WithManagerTestQueue.test_closed_queue_empty_exceptions",
    "WithManagerTestQueue.test_closed_queue_put_get_exceptions",
    "WithManagerTestQueue.test_no_import_lock_contention",
    "WithManagerTestQueue.test_timeout",
];

/// How the tests of one CPython went.
struct Outcome {
    version: String,
    passed: BTreeSet<String>,
    skipped: BTreeSet<String>,
    /// And why.
    red: BTreeMap<String, String>,
    run: Run,
}

/// Runs all the tests of a CPython; `None` when it is here without them.
fn run(python: &Path, key: &str) -> Option<Outcome> {
    let tests = root().join("tests/pymanagers/cpythons_tests.py");
    let mut command = Command::new(python);
    command.arg(tests).arg(&*SERVER).arg(key);
    let run = Background::start(&mut command).deadline(LONG).end();
    assert_eq!(run.code, Some(0), "{python:?} {:#?}", run.lines);
    let version = run.one("CPython {version}").1.text("version").to_string();
    let all = |how: &str| -> BTreeMap<String, String> {
        let lines = run.lines.iter().filter_map(|line| line.split_once(how));
        lines.map(|(test, why)| (test.into(), why.into())).collect()
    };
    if let Some(why) = all("no tests here: ").values().next() {
        say(&format!("CPython {version} is here without its tests: {why}"));
        return None;
    }
    let passed = all(": passes").into_keys().collect();
    let skipped = all(": skipped: ").into_keys().collect();
    let red = all(": red: ");
    Some(Outcome { version, passed, skipped, red, run })
}

/// Runs them with every CPython at once: mostly they wait.
fn run_with_each(key: &str) -> Vec<Outcome> {
    thread::scope(|s| {
        let start = |python: PathBuf| s.spawn(move || run(&python, key));
        let all: Vec<_> = pythons().into_iter().map(start).collect();
        all.into_iter().filter_map(|one| one.join().unwrap()).collect()
    })
}

/// Says it even when the test passes.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[test]
#[ignore = "needs python3"]
fn our_server_passes_cpythons_own_tests() {
    let known: BTreeSet<_> = SKIPPED.iter().map(|s| s.to_string()).collect();
    for Outcome { version, passed, skipped, red, run } in run_with_each("right")
    {
        let all = passed.len() + skipped.len();
        let skips = skipped.len();
        say(&format!("CPython {version}: {all} tests, {skips} skipped"));
        assert!(red.is_empty(), "{version}: {:#?}", run.lines);
        assert!(skipped.is_subset(&known), "{version}: {skipped:?}");
        for (class, tests) in CLASSES {
            let of_class = |name: &&String| {
                name.split_once('.').is_some_and(|(of, _)| of == class)
            };
            let found = passed.union(&skipped).filter(of_class).count();
            assert!(found >= tests, "{version}: {found} tests of {class}");
        }
        let challenge = "ChallengeResponseTest.test_challengeresponse";
        assert_eq!(passed.contains(challenge), is_3_12(&version), "{version}");
        let left = run.all("{*}Shared objects which still exist{*}");
        assert!(left.is_empty(), "{version}: {:#?}", run.lines);
    }
}

/// Whether it can answer with a digest that is not MD5, and has a test of it.
fn is_3_12(version: &str) -> bool {
    let minor = version.split('.').nth(1).expect("3.12.1");
    minor.parse::<u32>().expect("a number") >= 12
}

#[test]
#[ignore = "needs python3"]
fn with_another_key_every_test_that_asks_our_server_is_red() {
    for Outcome { version, passed, skipped, red, run } in run_with_each("wrong")
    {
        for test in passed {
            let may_pass = INDIFFERENT.contains(&test.as_str());
            assert!(may_pass, "{version}: {test} passes");
        }
        let known = skipped.iter().all(|it| SKIPPED.contains(&it.as_str()));
        assert!(known, "{version}: {skipped:?}");
        let tests = red.keys().filter(|n| !n.starts_with("tearDownClass"));
        assert!(tests.count() >= 22, "{version}: {:#?}", run.lines);
        for (test, why) in &red {
            let refused = why.contains("AuthenticationError: digest ");
            assert!(refused, "{version}: {test}: {why}");
        }
    }
}
