//! What lesson 0 and its Python twin must show.
#![cfg(unix)]

use std::collections::BTreeSet;

use harness::{Found, PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 6] = [
    ("fork", fork_once),
    ("memory", memory),
    ("zombie", zombie),
    ("orphan", orphan),
    ("adopted", adopted),
    ("server", server),
];

fn fork_once(run: &Run) {
    assert_eq!(run.lines.len(), 3, "the first line once, not twice");
    let parent = run.one("Process ({P}) start...").1;
    let found = run.in_any_order(&[
        "Process ({P}) start...",
        "I ({P}) just created a child process ({C}).",
        "I am child process ({C}) and my parent is {P}.",
    ]);
    assert!(run.lines[0].starts_with("Process"));
    assert_eq!(found.text("P"), parent.text("P"));
    assert_ne!(found.text("P"), found.text("C"));
}

fn memory(run: &Run) {
    let found = run.exact(&[
        "child ({C}): balance 70 at {address}",
        "parent ({P}): balance 100 at {address}",
    ]);
    assert!(found.text("address").starts_with("0x"));
    assert_ne!(found.text("P"), found.text("C"));
}

fn zombie(run: &Run) {
    run.exact(&[
        "child ({C}) works, and exits with code 7",
        "child has exited: process {C} is in state Z",
        "child after kill -9: process {C} is in state Z",
        "parent: reaped {C}, exit code 7",
        "child after wait: there is no process {C}",
    ]);
}

fn orphan(run: &Run) {
    let found = run.exact(&[
        "grandchild ({G}): my parent is {C}",
        "child ({C}) exits first",
        "grandchild ({G}): my parent is now {A}",
        "parent: {*}",
    ]);
    assert_ne!(found.text("A"), found.text("C"), "another process adopted it");
    assert_ne!(found.text("A"), found.text("G"));
}

fn adopted(run: &Run) {
    let found = run.exact(&[
        "grandchild has exited: process {G} is in state Z",
        "child ({C}) exits, and has not waited",
        "parent: {*}",
    ]);
    assert_ne!(found.text("G"), found.text("C"));
}

const SERVES: &str = "child ({speaker}): serves connection {n}";
const ANSWERS: &str = "child ({speaker}): answers";

fn server(run: &Run) {
    run.one("server ({P}): at most 2 children");
    let children = run.all(SERVES);
    let pids: BTreeSet<_> =
        children.iter().map(|(_, found)| found.text("speaker")).collect();
    assert_eq!((children.len(), pids.len()), (4, 4), "a child for each");
    assert_eq!(run.most_in_flight(SERVES, ANSWERS), 2, "never more than 2");
    let reaped = run.all("server: reaped {pid}, exit code 0");
    for pid in pids {
        let answer = run.one(&format!("child ({pid}): answers")).0;
        let of_child = |(_, f): &&(usize, Found)| f.text("pid") == pid;
        let (place, _) = reaped.iter().find(of_child).expect("it is reaped");
        assert!(*place > answer, "{pid} is reaped after its answer");
    }
    assert_eq!(reaped.len(), 5, "four children and the client");
    assert_eq!(run.lines.len(), 1 + 4 + 4 + 5);
}

#[test]
fn fork_returns_twice_and_the_first_line_appears_once() {
    fork_once(&lesson!().part("fork"));
}

#[test]
fn the_child_changes_its_own_copy() {
    memory(&lesson!().part("memory"));
}

#[test]
fn a_zombie_stays_until_it_is_reaped() {
    let run = lesson!().part("zombie");
    zombie(&run);
    assert!(run.seconds >= 0.07, "half a second of life, one as a zombie");
}

#[test]
fn an_orphan_is_adopted_and_reaped() {
    let run = lesson!().part("orphan");
    orphan(&run);
    if cfg!(target_os = "linux") {
        // The lesson is the nearest subreaper, and collects the orphan itself.
        let last = run.lines.last().expect("four lines");
        let orphan = run.one("grandchild ({G}): my parent is now {A}").1;
        let reaped =
            format!("parent: reaped {}, exit code 0", orphan.text("G"));
        assert_eq!(last, &reaped);
    }
}

#[test]
fn the_zombie_of_a_dead_parent_is_adopted_and_reaped() {
    let run = lesson!().part("adopted");
    adopted(&run);
    if cfg!(target_os = "linux") {
        let zombie = run.one("grandchild has exited: process {G} {*}").1;
        let reaped =
            format!("parent: reaped {}, exit code 7", zombie.text("G"));
        assert_eq!(run.lines.last().expect("three lines"), &reaped);
    }
}

#[test]
fn the_server_has_two_children_at_once_and_reaps_all() {
    let run = lesson!().part("server");
    server(&run);
    assert!(run.seconds >= 0.04, "two rounds of half a second");
}

#[test]
fn children_end_when_the_lesson_is_killed() {
    // Their last naps are long enough to be still there when it is killed.
    let lesson = lesson!().pace(1.0);
    let orphan = lesson.clone().args(&["orphan"]);
    let run = orphan.killed_at("grandchild ({*}): my parent is {*}").run();
    assert_eq!(run.code, None, "killed");
    let server = lesson.clone().args(&["server"]);
    let run = server.killed_at("child ({*}): serves connection 2").run();
    assert_eq!(run.code, None, "killed");
    let zombie = lesson.args(&["zombie", "--timeline"]);
    zombie.killed_at("child ({*}) works{*}").run();
}

#[test]
fn fork_is_refused_in_a_process_of_two_threads() {
    let run = lesson!().separate_stderr().args(&["with_a_second_thread"]).run();
    assert_eq!(run.code, Some(1));
    assert_eq!(run.errors.len(), 1);
    assert!(run.errors[0].contains("fork refused: this process has 2 threads"));
}

#[test]
fn an_unknown_part_is_refused_with_the_real_ones() {
    let run = lesson!().separate_stderr().args(&["zombies"]).run();
    assert_eq!((run.code, run.lines.len()), (Some(2), 0));
    assert_eq!(run.errors.len(), 1);
    assert!(
        run.errors[0].contains("fork, memory, zombie, orphan, adopted, server")
    );
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
