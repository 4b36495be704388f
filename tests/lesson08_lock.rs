//! What lesson 8 and its Python twin must show.

use std::fs;
use std::path::Path;

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 6] = [
    ("race", race),
    ("lock", lock),
    ("granularity", granularity),
    ("fresh_lock", fresh_lock),
    ("timeout", timeout),
    ("deadlock", deadlock),
];

fn race(run: &Run) {
    run.exact(&[
        "Left to luck, the balance is: {*}",
        "t1: x1 = 0 + 5 = 5",
        "t2: x2 = 0 + 8 = 8",
        "t2: balance = 8",
        "t1: balance = 5",
        "t1: x1 = 5 - 5 = 0",
        "t1: balance = 0",
        "t2: x2 = 0 - 8 = -8",
        "t2: balance = -8",
        "Forced, the balance is: -8",
    ]);
    let luck = run.lines[0].split_whitespace().nth(6).map(str::parse::<i64>);
    assert!(matches!(luck, Some(Ok(_))), "a number: {luck:?}");
}

fn lock(run: &Run) {
    assert_eq!(run.lines[0], "The final balance is: 0");
    // The second thread finds the balance as the first has left it.
    for (thread, n) in [("Thread-1", 5), ("Thread-2", 8)] {
        run.before(
            &format!("{thread} has the lock, the balance is {n}"),
            &format!("{thread} releases it, the balance is 0"),
        );
    }
    let acquired = "{speaker} has the lock,{*}";
    let released = "{speaker} releases it,{*}";
    assert_eq!(run.most_in_flight(acquired, released), 1, "one at a time");
    run.one("The lock is {*}; the balance is 5");
}

fn fresh_lock(run: &Run) {
    let found = run.exact(&[
        "A lock each:       0 + 5 + 8 = {lost}",
        "One lock for both: 0 + 5 + 8 = 13",
    ]);
    let lost = found.text("lost");
    assert!(["5", "8"].contains(&lost), "one update is lost, not {lost}");
}

fn granularity(run: &Run) {
    run.exact(&[
        "A lock for each round: the balance is 1300000 after {*} s",
        "One lock around the loop: the balance is 1300000 after {*} s",
    ]);
}

fn timeout(run: &Run) {
    let waited = "Waiter has waited {s} s, and does other things";
    assert_eq!(run.lines[0], "Holder has the lock");
    assert!(!run.all(waited).is_empty(), "it gives up at least once");
    assert!(run.all(waited)[0].0 < run.one("Holder releases it").0);
    let (last, found) = run.one("Waiter got the lock after {s} s");
    assert_eq!(last, run.lines.len() - 1);
    let first = run.all(waited)[0].1.number("s");
    assert!(found.number("s") >= first, "{found:?} {first}");
}

fn deadlock(run: &Run) {
    run.in_any_order(&[
        "In opposite order:",
        "Thread-1 holds A and waits for B",
        "Thread-2 holds B and waits for A",
        "Thread-1 times out and releases A",
        "Thread-2 has both, B and A",
        "In one order:",
        "Thread-1 has both, A and B",
        "Thread-2 has both, A and B",
    ]);
    let times_out = "Thread-1 times out and releases A";
    run.before("Thread-1 holds A and waits for B", times_out);
    run.before("Thread-2 holds B and waits for A", times_out);
    run.before(times_out, "In one order:");
    run.before("Thread-2 has both, B and A", "In one order:");
}

#[test]
fn the_forced_order_always_loses_eight() {
    race(&lesson!().part("race"));
}

#[test]
fn lost_updates_are_counted_and_not_invented() {
    let run = lesson!().part("race");
    let template = "Left to luck, the balance is: {b} ({lost} updates lost)";
    let found = run.one(template).1;
    assert!(found.number("lost") <= 400_000.0, "there are no more updates");
    let balanced = found.number("b") == 0.0;
    assert!(balanced || found.number("lost") > 0.0, "{found:?}");
}

#[test]
fn no_deposit_is_lost_under_the_lock() {
    lock(&lesson!().part("lock"));
}

#[test]
fn a_panic_under_the_lock_poisons_it() {
    let lesson = lesson!().separate_stderr().env("RUST_BACKTRACE", "1");
    let run = lesson.part("lock");
    run.one("The lock is poisoned; the balance is 5");
    assert_eq!(run.errors.len(), 1, "one line for the panic, no backtrace");
    assert!(run.errors[0].starts_with("thread 'Thread-3' panicked at "));
}

#[test]
fn a_lock_each_excludes_no_thread() {
    fresh_lock(&lesson!().part("fresh_lock"));
}

#[test]
fn no_deposit_is_lost_with_few_locks_or_many() {
    granularity(&lesson!().part("granularity"));
}

#[test]
fn the_waiter_gives_up_before_the_holder_releases_the_lock() {
    let run = lesson!().part("timeout");
    timeout(&run);
    assert!(run.seconds >= 2.5 * 0.05 - 0.005, "one second and a half more");
}

#[test]
fn the_deadlock_is_real_and_ends() {
    let run = lesson!().part("deadlock");
    deadlock(&run);
    assert!(run.seconds >= 0.045, "both wait until one gives up");
}

#[test]
#[should_panic(expected = "stale: $ cargo run -p lesson08_lock -- deadlock")]
fn a_line_of_the_book_that_no_run_prints_any_more_is_noticed() {
    let book = harness::root().join("book/transcripts/lesson08_lock");
    let text = fs::read_to_string(book.join("deadlock.txt")).unwrap();
    let stale = text.replace("Thread-1 times out", "Thread-1 is tired");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = copy.join("lesson08_lock");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("deadlock.txt"), stale).unwrap();
    let any: PartCheck = ("deadlock", |_| ());
    harness::assert_transcripts_in(copy, &lesson!(), &[any]);
}

#[test]
fn every_schedule_of_race_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "race");
}

#[test]
fn every_schedule_of_deadlock_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "deadlock");
}

#[test]
#[should_panic(expected = "stale: $ cargo run -p lesson08_lock -- race")]
fn a_graph_of_another_program_is_noticed() {
    let book = harness::root().join("book/schedules/lesson08_lock");
    let text = fs::read_to_string(book.join("race.json")).unwrap();
    let graphs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schedules");
    let folder = graphs.join("lesson08_lock");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("race.json"), text.replace("// 5", "// 6")).unwrap();
    harness::assert_schedules_in(&graphs, &lesson!(), "race");
}

#[test]
fn a_schedule_that_cannot_be_read_is_refused_in_one_line() {
    let lesson = lesson!().separate_stderr();
    for (args, code, line) in [
        (
            &["race", "--schedule", "1,3"][..],
            1,
            "lesson08_lock: race: no thread \"3\"; they are 1 (t1), 2 (t2)",
        ),
        (
            &["lock", "--schedule", "1"],
            2,
            "lesson08_lock: --schedule needs one of the parts: race, deadlock \
             (see --help)",
        ),
        (
            &["race", "--schedule", "1,1,1,1,1"],
            1,
            "lesson08_lock: race: step 5: t1 has finished",
        ),
    ] {
        let run = lesson.clone().args(args).run();
        assert_eq!((run.code, run.errors), (Some(code), vec![line.into()]));
    }
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
