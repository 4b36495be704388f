//! What lesson 7 and its Python twin must show.

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 7] = [
    ("loop", loop_thread),
    ("class", class),
    ("sing_dance", sing_dance),
    ("result", result),
    ("cores", cores),
    ("panic", panic),
    ("crash", crash),
];

fn loop_thread(run: &Run) {
    run.exact(&[
        "thread MainThread is running...",
        "thread LoopThread is running...",
        "thread LoopThread >>> 1",
        "thread LoopThread >>> 2",
        "thread LoopThread >>> 3",
        "thread LoopThread >>> 4",
        "thread LoopThread >>> 5",
        "thread LoopThread ended.",
        "thread MainThread ended.",
    ]);
}

fn class(run: &Run) {
    assert_eq!(run.lines.len(), 15);
    let numbers = run.by_speaker("thread {speaker}, @number: {what}");
    let names: Vec<_> = numbers.keys().collect();
    assert_eq!(names, ["Thread-1", "Thread-2", "Thread-3"]);
    for (name, numbers) in &numbers {
        assert_eq!(numbers[..], ["0", "1", "2", "3", "4"], "{name}");
    }
    let first = "thread {speaker}, @number: 0";
    let last = "thread {speaker}, @number: 4";
    assert_eq!(run.most_in_flight(first, last), 3, "all at once");
}

fn sing_dance(run: &Run) {
    assert_eq!(run.lines.len(), 14);
    let in_sequence = ["Singing...... (MainThread)"; 3]
        .into_iter()
        .chain(["Dancing...... (MainThread)"; 3]);
    assert!(run.lines[..6].iter().eq(in_sequence), "{:?}", run.lines);
    assert_eq!(run.one("In sequence: {s} s").0, 6);
    assert_eq!(run.all("Singing...... (Singer)").len(), 3);
    assert_eq!(run.all("Dancing...... (Dancer)").len(), 3);
    assert_eq!(run.one("At once: {s} s").0, 13);
}

fn result(run: &Run) {
    let answer = "Result: 1152921504606846976";
    assert_eq!(run.lines.len(), 11);
    assert_eq!(run.lines[0], "This is the main thread: MainThread");
    assert_eq!(run.all(answer).len(), 4);
    assert_eq!(run.lines[2], answer, "the first ends before the second begins");
    run.before(
        "Current thread: MainThread task 1",
        "Current thread: MainThread task 2",
    );
    for task in ["Thread-1 task 1", "Thread-2 task 2"] {
        let begins = run.one(&format!("Current thread: {task}")).0;
        assert!(begins < run.all(answer)[2].0, "both begin before one ends");
    }
    let in_turn = run.one("One after the other: {s} seconds").1.number("s");
    let at_once = run.one("In two threads: {s} seconds").1.number("s");
    assert!(at_once > 0.0 && in_turn > 0.0);
}

fn cores(run: &Run) {
    let rows = run.all("{*} {threads}  {*} {work} x  {*} {cpu} %");
    assert_eq!(run.lines[0], "threads  work done  CPU used");
    assert_eq!(rows.len(), run.lines.len() - 1);
    for (i, (_, row)) in rows.iter().enumerate() {
        assert_eq!(row.number("threads"), (i + 1) as f64);
        // A starved thread may get next to nothing done on a busy machine.
        assert!(row.number("work") >= 0.0 && row.number("cpu") >= 0.0);
    }
    assert_eq!(rows[0].1.text("work"), "1.00");
}

fn panic(run: &Run) {
    let panicked = "thread MainThread: Thread-2 panicked: I have had enough";
    let continues = "thread Thread-1 continues";
    run.before(panicked, continues);
    run.before(continues, "thread MainThread: Thread-1 returned 11634921");
}

fn crash(run: &Run) {
    run.exact(&[
        "child: Thread-1 works",
        "child: Thread-2 aborts",
        "parent: the child and its threads ended by signal 6",
        "parent: I am another process, and continue",
    ]);
}

#[test]
fn the_loop_thread_ends_before_main() {
    let run = lesson!().part("loop");
    loop_thread(&run);
    assert!(run.seconds >= 0.24, "five naps of a second");
}

#[test]
fn three_threads_count_side_by_side() {
    class(&lesson!().pace(0.2).part("class"));
}

#[test]
fn singing_and_dancing_overlap_in_two_threads() {
    // Two threads that sleep at once need no quiet machine, but a ratio does:
    // one time in five is enough.
    let overlap = (0..5).any(|_| {
        let run = lesson!().part("sing_dance");
        sing_dance(&run);
        let seconds = |line| run.one(line).1.number("s");
        seconds("At once: {s} s") * 1.5 < seconds("In sequence: {s} s")
    });
    assert!(overlap, "two threads take about half the time");
}

#[test]
fn two_threads_take_less_time_than_one() {
    // The ratio wants a machine that lets two threads sleep at once, not a
    // quiet one: one time in five is enough.
    let faster = (0..5).any(|_| {
        let run = lesson!().part("result");
        result(&run);
        let seconds = |line| run.one(line).1.number("s");
        seconds("In two threads: {s} seconds") * 1.5
            < seconds("One after the other: {s} seconds")
    });
    assert!(faster, "two threads take about half the time");
}

#[test]
fn a_task_in_a_thread_takes_its_two_seconds() {
    let run = lesson!().part("result");
    assert!(run.seconds >= 0.29, "three times two seconds at this pace");
}

#[test]
fn every_usable_core_has_a_row() {
    let run = lesson!().part("cores");
    cores(&run);
    assert_eq!(run.lines.len(), num_cpus::get() + 1);
}

#[test]
fn every_usable_core_has_a_busy_thread() {
    let picture = harness::picture(&lesson!(), "cores");
    assert_eq!(picture.lanes.len(), num_cpus::get());
}

#[test]
fn busy_threads_use_more_than_one_core() {
    if std::thread::available_parallelism().unwrap().get() == 1 {
        return; // There is no second one to use.
    }
    // Whatever else runs, each thread gets its share of the cores, and many
    // get more than one does: with two cores and one other that computes,
    // two get 4/3 of it. How much varies from run to run.
    let mut one = 0.0;
    let mut many = 0.0;
    let more = (1..=20).any(|runs| {
        let run = lesson!().pace(0.2).part("cores");
        let rows = run.all("{*} {threads}  {*} {work} x  {*} {cpu} %");
        one += rows[0].1.number("cpu");
        many += rows[rows.len() - 1].1.number("cpu");
        runs >= 5 && many > 1.2 * one
    });
    assert!(more, "many threads use more CPU than one: {many} %, {one} %");
}

#[test]
fn a_panic_ends_its_own_thread_only() {
    let lesson = lesson!().separate_stderr().env("RUST_BACKTRACE", "1");
    let run = lesson.part("panic");
    panic(&run);
    assert_eq!(run.errors.len(), 3, "a line for each panic, no backtrace");
    assert!(run.errors[0].starts_with("thread 'Thread-2' panicked at "));
}

#[test]
fn a_scope_panics_for_a_thread_that_was_not_joined() {
    let run = lesson!().separate_stderr().part("panic");
    assert_eq!(run.lines.len(), 4);
    run.one("thread MainThread: Thread-3 panicked: a scoped thread panicked");
    assert!(run.errors[1].starts_with("thread 'Thread-4' panicked at "));
    assert!(run.errors[2].starts_with("thread 'Thread-3' panicked at "));
}

#[test]
#[cfg(unix)]
fn a_crash_ends_all_threads_of_its_process_only() {
    crash(&lesson!().part("crash"));
}

harness::lesson_tests!(lesson!(), twin!().pace(0.2), PARTS);
