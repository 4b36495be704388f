//! What lesson 12 and its Python twin must show.

use std::collections::BTreeMap;

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 3] =
    [("hello", hello), ("isolation", isolation), ("pool_reuse", pool_reuse)];

fn hello(run: &Run) {
    run.in_any_order(&["Hello, ABC (in Thread-A)", "Hello, DEF (in Thread-D)"]);
}

fn isolation(run: &Run) {
    assert_eq!(run.lines.len(), 21, "{:#?}", run.lines);
    sights(run);
    destructors(run);
}

/// What each thread sees at each look: what it has bound itself, and that its
/// own looks are counted.
fn sights(run: &Run) {
    let looks = [
        ("MainThread", ["GHI", "GHI", "GHI"]),
        ("Thread-A", ["nothing", "ABC", "ABC"]),
        ("Thread-D", ["nothing", "nothing", "DEF"]),
    ];
    for (thread, seen) in looks {
        let first = run.one(&format!("{thread}, look 1: {}{{*}}", seen[0])).0;
        let second = run.one(&format!("{thread}, look 2: {}{{*}}", seen[1])).0;
        let third = run.one(&format!("{thread}, look 3: {}{{*}}", seen[2])).0;
        assert!(first < second && second < third, "{thread}: {run:?}");
    }
    // Before each of these, another thread had bound a value.
    run.before("MainThread binds GHI", "Thread-A, look 1: {*}");
    run.before("MainThread binds GHI", "Thread-D, look 1: {*}");
    run.before("Thread-A binds ABC", "Thread-D, look 2: {*}");
    run.before("Thread-A binds ABC", "MainThread, look 2: {*}");
    run.before("Thread-D binds DEF", "Thread-A, look 3: {*}");
    run.before("Thread-D binds DEF", "MainThread, look 3: {*}");
}

/// A value is dropped after the closure returns, and before a join returns.
fn destructors(run: &Run) {
    let joined = "MainThread has joined Thread-J";
    for gone in ["Thread-J: first is dropped", "Thread-J: second is dropped"] {
        // The order of the two is unspecified.
        run.before("Thread-J: the closure returns", gone);
        run.before(gone, joined);
    }
    run.before(joined, "Thread-S: the closure returns");
    run.before("Thread-S: the closure returns", "Thread-S: first is dropped");
    // The fields of one value are dropped in their order.
    run.before("Thread-S: first is dropped", "Thread-S: second is dropped");
    // The end of a scope is unordered with the drops.
    let left = "MainThread has left the scope of Thread-S";
    run.before("Thread-S: the closure returns", left);
    let last = run.one("MainThread has waited for the last value").0;
    assert_eq!(last, run.lines.len() - 1, "{:#?}", run.lines);
}

fn pool_reuse(run: &Run) {
    assert_eq!(run.lines.len(), 15, "{:#?}", run.lines);
    let [behind, back, over] =
        ["Left behind:", "Restored by a guard:", "Passed as an argument:"]
            .map(|heading| served(run, heading));
    assert_eq!(behind.guests, behind.students, "taken for the student before");
    for cured in [back, over] {
        let users: Vec<_> = cured.guests.values().collect();
        assert_eq!(users, ["nobody", "nobody"]);
    }
}

/// The user that each thread of the pool served as: a student, then a guest.
struct Served {
    students: BTreeMap<String, String>,
    guests: BTreeMap<String, String>,
}

/// The four lines below a heading: two students, each by its name and on a
/// thread of its own, and then two guests on the same two threads.
fn served(run: &Run, heading: &str) -> Served {
    let begin = run.one(heading).0 + 1;
    let of = |lines: &[String], template| -> BTreeMap<String, String> {
        let run = Run { lines: lines.to_vec(), ..Run::default() };
        let each = run.by_speaker(template).into_iter();
        each.map(|(speaker, what)| (speaker, what.concat())).collect()
    };
    let (students, guests) = run.lines[begin..begin + 4].split_at(2);
    let served = Served {
        students: of(students, "{speaker} serves {what}, logged in as {what}"),
        guests: of(guests, "{speaker} serves guest, logged in as {what}"),
    };
    let mut names: Vec<_> = served.students.values().collect();
    names.sort();
    assert_eq!(names, ["ABC", "DEF"], "{heading}");
    for served in [&served.students, &served.guests] {
        let threads: Vec<_> = served.keys().collect();
        assert_eq!(threads, ["Pool_0", "Pool_1"], "{heading}");
    }
    served
}

#[test]
fn each_thread_greets_its_own() {
    hello(&lesson!().part("hello"));
}

#[test]
fn what_one_thread_binds_another_does_not_see() {
    let run = lesson!().part("isolation");
    isolation(&run);
    assert!(run.seconds >= 3.5 * 0.05 - 0.005, "three looks, four drops");
}

#[test]
fn each_look_is_after_what_it_must_not_see() {
    for _ in 0..20 {
        isolation(&lesson!().pace(0.001).part("isolation")); // No sleep helps.
    }
}

#[test]
fn a_join_waits_for_the_values_and_not_only_for_the_work() {
    destructors(&lesson!().pace(0.2).part("isolation"));
}

#[test]
fn a_guest_is_taken_for_the_student_before() {
    let run = lesson!().part("pool_reuse");
    pool_reuse(&run);
    assert!(run.seconds >= 0.145, "six tasks on each of two threads");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
