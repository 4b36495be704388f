//! What lesson 13 and its Python twin must show.

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 4] = [
    ("queue", queue),
    ("bounded", bounded),
    ("unreliable", unreliable),
    ("many", many),
];

const VALUES: [&str; 3] = ["Liangdianshui", "Sandianshui", "Sidianshui"];

fn queue(run: &Run) {
    let place = |line| run.one(line).0;
    let kept = place("The main thread keeps a sender:");
    let closed = place("Only the writer has a sender:");
    one_to_four(&run.lines[..kept]);
    let end = "The reader would wait forever";
    three_values(&run.lines[kept + 1..closed], end);
    let end = "The reader has reached the end";
    three_values(&run.lines[closed + 1..], end);
}

fn one_to_four(lines: &[String]) {
    let run = Run { lines: lines.to_vec(), ..Run::default() };
    assert_eq!(run.lines.len(), 11);
    let mut last = [None, None];
    for i in 1..=4 {
        let puts = run.one(&format!("Producer puts {i} into the Queue!")).0;
        let takes = format!("Consumer is consuming {i} from the Queue");
        let takes = run.one(&takes).0;
        assert!(puts < takes, "{i} is put, and then taken");
        let now = [Some(puts), Some(takes)];
        assert!(last[0] < now[0] && last[1] < now[1], "{i} is in its order");
        last = now;
    }
    assert!(last[0] < Some(run.one("Producer End!").0));
    assert!(last[1] < Some(run.one("Consumer End!").0));
    assert_eq!(run.one("All threads finished!").0, 10, "last of all");
}

fn three_values(lines: &[String], end: &str) {
    let run = Run { lines: lines.to_vec(), ..Run::default() };
    assert_eq!(run.lines.len(), 7);
    for what in ["written to", "read from"] {
        let values =
            run.by_speaker(&format!("Value {what} {{speaker}}: {{what}}"));
        assert_eq!(values["Queue"], VALUES, "{what}");
    }
    for value in VALUES {
        let written = format!("Value written to Queue: {value}");
        run.before(&written, &format!("Value read from Queue: {value}"));
    }
    assert_eq!(run.one(end).0, 6, "last of all");
}

fn bounded(run: &Run) {
    let found = run.in_any_order(&[
        "main put 1",
        "main put 2",
        "main could not put 3 within {Full} s: Full",
        "main got 1",
        "main got 2",
        "main could not get within {Empty} s: Empty",
        "Consumer waits: the Queue is empty",
        "Producer put 1",
        "Consumer got the first after {first} s, {cpu1} s CPU",
        "Producer put 2",
        "Producer put 3",
        "Producer waits with 4: the Queue is full",
        "Producer put 4 after {fourth} s, {cpu2} s CPU",
        "Producer waits with 5: the Queue is full",
        "Producer put 5 after {fifth} s, {cpu3} s CPU",
        "Producer End!",
        "Consumer is done with 1; the Queue holds 2",
        "Consumer is done with 2; the Queue holds 2",
        "Consumer is done with 3; the Queue holds 2",
        "Consumer is done with 4; the Queue holds 1",
        "Consumer is done with 5; the Queue holds 0",
        "Consumer End!",
        "The Queue held at most {most} items",
    ]);
    assert!(found.number("most") <= 2.0, "there is room for two");
    for wait in ["Full", "Empty", "fourth", "fifth"] {
        assert!(found.number(wait) >= 0.05, "a second at {wait}: {found:?}");
    }
    assert!(found.number("first") >= 0.03, "and a while: {found:?}");
    for cpu in ["cpu1", "cpu2", "cpu3"] {
        assert!(found.number(cpu) < 0.01, "it sleeps: {found:?}");
    }
    in_this_order(run);
}

/// A waiting thread continues after the other one has moved, and not before.
fn in_this_order(run: &Run) {
    assert!(run.lines[2].ends_with("Full"), "then Full");
    assert!(run.lines[5].ends_with("Empty"), "and then Empty");
    let is_empty = "Consumer waits: the Queue is empty";
    run.before(is_empty, "Producer put 1");
    for (i, done) in [(4, 1), (5, 2)] {
        let waits = format!("Producer waits with {i}: the Queue is full");
        let done = format!("Consumer is done with {done}; {{*}}");
        run.before(&waits, &done);
        run.before(&done, &format!("Producer put {i} after{{*}}"));
    }
    for (i, next) in [(1, 2), (2, 3)] {
        let i = format!("Producer put {i}");
        run.before(&i, &format!("Producer put {next}"));
    }
    run.before("Producer put 3", "Producer waits with 4{*}");
    run.before("Producer put 5{*}", "Producer End!");
    run.before("Producer put 5{*}", "Consumer is done with 3; {*}");
    run.before("Consumer is done with 5; {*}", "Consumer End!");
}

fn unreliable(run: &Run) {
    let place = |line| run.one(line).0;
    assert_eq!(place("Ask for permission:"), 0);
    assert_eq!(place("Ask for forgiveness:"), 4);
    assert_eq!(place("Ask whether it is full:"), 8);
    assert_eq!(run.lines.len(), 10);
    let found = "was told: not empty, and found nothing";
    let took = "took the item";
    one_each(&run.lines[1..3], [took, found]);
    let misled = "In 100 of 100 rounds a consumer was misled";
    assert_eq!(run.lines[3], misled);
    one_each(&run.lines[5..7], [took, "was told: empty"]);
    assert_eq!(run.lines[7], "In 0 of 100 rounds a consumer was misled");
    assert_eq!(run.lines[9], "In 100 of 100 rounds a producer was misled");
}

/// The one consumer ended like this and the other like that.
fn one_each(lines: &[String], ends: [&str; 2]) {
    let printed = |k: usize, end| lines[k - 1] == format!("Consumer-{k} {end}");
    let [a, b] = ends;
    let is_so =
        printed(1, a) && printed(2, b) || printed(1, b) && printed(2, a);
    assert!(is_so, "{lines:?} is not one of each: {ends:?}");
}

fn many(run: &Run) {
    let took = run.all("Consumer-{k} took {n} items");
    let ks: Vec<_> = took.iter().map(|(_, f)| f.number("k")).collect();
    assert_eq!(ks, [1.0, 2.0, 3.0, 4.0]);
    let items: f64 = took.iter().map(|(_, f)| f.number("n")).sum();
    assert_eq!(items, 100_000.0, "together they took all");
    run.one("Producers put the sum 4999950000");
    run.one("Consumers took the sum 4999950000");
    run.one("All 100000 items were taken, each once");
    run.one("main took 100000 items, sum 4999950000, from a {queue}");
    all_done(run);
    two_queues(run);
    assert_eq!(run.lines.len(), 24);
}

fn all_done(run: &Run) {
    let is_done = run.one("main knows that all 4 tasks are done").0;
    for task in 1..=4 {
        let done = run.one(&format!("{{speaker}} has done task {task}")).0;
        assert!(done < is_done, "task {task} was done before");
    }
    for me in ["Worker-1", "Worker-2"] {
        let end = run.one(&format!("{me} End!")).0;
        assert!(end > is_done, "{me} waits for more until then");
    }
}

fn two_queues(run: &Run) {
    let got = run.by_speaker("main got {speaker} {what}");
    assert_eq!(got["letter"], ["1", "2", "3"]);
    assert_eq!(got["parcel"], ["1", "2", "3"]);
    run.before("main got parcel 1", "main got letter 1");
    let end = run.one("main has reached the end of both").0;
    assert_eq!(end, run.lines.len() - 1, "last of all");
}

#[test]
fn items_are_taken_in_their_order_and_the_reader_reaches_the_end() {
    let run = lesson!().part("queue");
    queue(&run);
    assert!(run.seconds >= 0.05, "it waits a second for a fourth value");
}

#[test]
fn the_naps_are_random() {
    let seconds = || lesson!().pace(0.01).part("queue").seconds;
    let first = seconds();
    // The consumer's four naps take 0 to 36 seconds together.
    assert!((0..20).any(|_| (seconds() - first).abs() > 0.02));
}

#[test]
fn the_producer_waits_at_a_full_queue_and_the_consumer_at_an_empty_one() {
    // Long waits, so that one that spins would show on the CPU's clock.
    let run = lesson!().pace(0.2).part("bounded");
    bounded(&run);
    for wait in [
        "main could not put 3 within {s} s: Full",
        "main could not get within {s} s: Empty",
        "Producer put 4 after {s} s, {cpu} s CPU",
        "Producer put 5 after {s} s, {cpu} s CPU",
    ] {
        let found = run.one(wait).1;
        assert!(found.number("s") >= 0.2, "a second: {found:?}");
    }
    let first = run.one("Consumer got the first after {s} s, {cpu} s CPU").1;
    assert!(first.number("s") >= 0.12, "and a while: {first:?}");
}

#[test]
fn no_answer_about_the_past_is_reliable() {
    unreliable(&lesson!().part("unreliable"));
}

#[test]
fn every_item_is_taken_exactly_once() {
    many(&lesson!().part("many"));
}

#[test]
fn two_workers_share_the_tasks() {
    // A busy machine may keep one of them from its share, but not every time.
    let shared = (0..5).any(|_| {
        let run = lesson!().pace(0.2).part("many");
        many(&run);
        run.by_speaker("{speaker} has done task {what}").len() == 2
    });
    assert!(shared, "each of them does some");
}

#[test]
fn every_schedule_of_unreliable_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "unreliable");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
