//! What lesson 6 and its Python twin must show.
#![cfg(unix)]

use std::collections::BTreeMap;

use harness::{PartCheck, Run, lesson, twin};

const PARTS: [PartCheck; 4] = [
    ("queue", queue),
    ("drain", drain),
    ("pipe", pipe),
    ("shared_memory", shared_memory),
];

fn queue(run: &Run) {
    let place = |template| run.one(template).0;
    let closed = place("The last {*}:");
    let many = place("Three writers, two readers:");
    assert_eq!(run.lines[0], "The parent keeps the queue open:");
    let ended = "The reader ({R}) was terminated by signal 15.";
    three_items(&run.lines[1..closed], ended);
    let ended = "The reader ({R}) reached the end of the queue.";
    three_items(&run.lines[closed + 1..many], ended);
    every_item_once(&run.lines[many + 1..]);
}

/// Eight lines, and the order that is promised.
fn three_items(lines: &[String], ended: &str) {
    let run = Run { lines: lines.to_vec(), ..Run::default() };
    let found = run.in_any_order(&[
        "Process to write: {W}",
        "Process to read: {R}",
        "Put A to queue...",
        "Put B to queue...",
        "Put C to queue...",
        "Get A from queue.",
        "Get B from queue.",
        "Get C from queue.",
        ended,
    ]);
    assert_ne!(found.text("W"), found.text("R"), "two processes");
    run.before("Process to write: {*}", "Put A{*}");
    run.before("Process to read: {*}", "Get A{*}");
    for (earlier, later) in [("A", "B"), ("B", "C")] {
        run.before(
            &format!("Put {earlier}{{*}}"),
            &format!("Put {later}{{*}}"),
        );
        run.before(
            &format!("Get {earlier}{{*}}"),
            &format!("Get {later}{{*}}"),
        );
    }
    for value in ["A", "B", "C"] {
        run.before(&format!("Put {value}{{*}}"), &format!("Get {value}{{*}}"));
    }
    run.before("Get C{*}", ended);
}

/// Three writers put four items each, two readers take six each.
fn every_item_once(lines: &[String]) {
    let run = Run { lines: lines.to_vec(), ..Run::default() };
    assert_eq!(
        run.lines[0],
        "No process reads yet, and the queue is soon full."
    );
    assert_eq!(run.lines.len(), 1 + 1 + 12 + 3 + 1);
    let full = run.all("{speaker} ({pid}) has put 4 items");
    let read = run.one("Now two readers start.").0;
    assert_eq!(full.len(), 3);
    assert!(full.iter().all(|(at, _)| *at > read), "a full queue blocks");

    let mut items: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut readers: BTreeMap<_, usize> = BTreeMap::new();
    for (_, got) in run.all("{speaker} ({pid}) got {writer}'s item {n}") {
        let [speaker, pid, writer, n] = ["speaker", "pid", "writer", "n"]
            .map(|hole| got.text(hole).to_string());
        items.entry(writer).or_default().push(n);
        *readers.entry((speaker, pid)).or_default() += 1;
    }
    for ns in items.values_mut() {
        ns.sort();
    }
    let all = || ["1", "2", "3", "4"].map(String::from).to_vec();
    let wanted = [1, 2, 3].map(|k| (format!("Writer-{k}"), all()));
    assert_eq!(items, wanted.into(), "every item exactly once");
    let names: Vec<_> =
        readers.keys().map(|(speaker, _)| speaker.as_str()).collect();
    assert_eq!(names, ["Reader-1", "Reader-2"], "two readers, a pid each");
    assert!(readers.values().all(|&items| items == 6), "{readers:?}");
    let last = run.lines.last().expect("counted above");
    assert_eq!(last, "All 12 items arrived, each once.");
}

/// The child's own line comes where its last `put` returns: before the reads in
/// Python, which buffers the items, and after two of them in Rust.
fn drain(run: &Run) {
    let timed_out = "The join timed out: the items are unread.";
    let exited = "After 4 items were read, the writer has exited.";
    run.in_any_order(&[timed_out, "Writer-4 ({*}) has put 4 items", exited]);
    run.before(timed_out, exited);
}

fn pipe(run: &Run) {
    let found = run.exact(&[
        "parent ({P}): Hello, child {C}!",
        "child ({C}): I received \"Hello, child {C}!\".",
        "parent ({P}): I close my end.",
        "child ({C}): end of file.",
        "child ({D}): I exit, and my end is closed.",
        "parent ({P}): no process reads: {*}Broken pipe{*}",
        "parent ({P}): the pipe is full after {room} bytes.",
        "child ({E}): one more byte...",
        "parent ({P}): I read.",
        "child ({E}): it is written.",
        "parent ({P}): I have read {all} bytes.",
    ]);
    let pids = ["P", "C", "D", "E"].map(|hole| found.text(hole));
    assert!((1..4).all(|i| !pids[..i].contains(&pids[i])), "{pids:?}");
    assert!(found.number("room") >= 4096.0);
    assert_eq!(found.number("all"), found.number("room") + 1.0);
}

fn shared_memory(run: &Run) {
    let both = run.one("Both {*}:").0;
    let [lost, exact] = [&run.lines[..both], &run.lines[both..]]
        .map(|lines| Run { lines: lines.to_vec(), ..Run::default() });
    lost.in_any_order(&[
        "A read, and then a write:",
        "Process-1 ({A}) has added 25",
        "Process-2 ({B}) has added 25",
        "Process-3 ({C}) has added 25",
        "Process-4 ({D}) has added 25",
        "The counter is 25, 75 updates are lost.",
    ]);
    let found = exact.in_any_order(&[
        "Both {*}:",
        "Process-1 ({A}) has added {n}",
        "Process-2 ({B}) has added {n}",
        "Process-3 ({C}) has added {n}",
        "Process-4 ({D}) has added {n}",
        "The counter is {count}, no update is lost.",
    ]);
    assert_eq!(found.number("count"), 4.0 * found.number("n"));
    let pids = ["A", "B", "C", "D"].map(|hole| found.text(hole));
    assert!((1..4).all(|i| !pids[..i].contains(&pids[i])), "{pids:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn every_item_arrives_exactly_once_and_a_full_queue_blocks() {
    let run = lesson!().part("queue");
    queue(&run);
    // Three naps of the writer, twice; one before the readers; six items.
    assert!(run.seconds >= (1.5 + 1.5 + 1.0 + 2.4) * 0.05 - 0.005);
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_cannot_exit_before_its_items_are_read() {
    let run = lesson!().part("drain");
    drain(&run);
    let timed_out = "The join timed out: the items are unread.";
    run.before(timed_out, "Writer-4 ({*}) has put 4 items");
}

#[test]
fn a_full_pipe_and_a_broken_one_are_seen() {
    let run = lesson!().part("pipe");
    pipe(&run);
    assert!(run.seconds >= 0.045, "the writer waits while the parent naps");
}

#[test]
fn three_of_four_updates_are_lost_and_none_by_an_atomic_step() {
    shared_memory(&lesson!().part("shared_memory"));
}

#[test]
#[cfg(target_os = "linux")]
fn children_end_when_the_lesson_is_killed() {
    let killed = |part, line| {
        let lesson = lesson!().pace(0.3).args(&[part]);
        assert_eq!(lesson.killed_at(line).run().code, None, "killed");
    };
    // At this pace the writer would go on for most of a minute.
    let slow = lesson!().pace(30.0).args(&["queue"]);
    slow.killed_at("Get A from queue.").run();
    killed("queue", "Get A from queue.");
    killed("queue", "No process reads yet, and the queue is soon full.");
    killed("queue", "Reader-{*} got {*}");
    killed("pipe", "parent ({*}): Hello, {*}");
    killed("pipe", "child ({*}): one more byte...");
    killed("shared_memory", "A read, and then a write:");
    killed("shared_memory", "Both in one step:");
}

/// The queue itself, which the lesson's processes use.
#[cfg(target_os = "linux")]
mod of_the_queue {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::time::Duration;
    use std::{io, thread};

    use super::queue_type::{LARGEST, Reader, queue};

    fn get(reader: &mut Reader) -> Option<Vec<u8>> {
        reader.get().unwrap().map(Vec::from)
    }

    #[test]
    fn items_stay_whole_and_in_order_whatever_their_size() {
        let (mut writer, mut reader) = queue().unwrap();
        for size in [0, 1, 10, 4096, 64 * 1024, LARGEST] {
            let item: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            writer.put(&item).unwrap();
            writer.put(b"next").unwrap();
            assert!(get(&mut reader) == Some(item), "{size} bytes");
            assert_eq!(get(&mut reader).as_deref(), Some(&b"next"[..]));
        }
    }

    #[test]
    fn an_item_that_is_too_large_is_refused_and_nothing_is_sent() {
        let (mut writer, mut reader) = queue().unwrap();
        let error = writer.put(&vec![0; LARGEST + 1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), "an item has at most 131072 bytes");
        drop(writer);
        assert_eq!(get(&mut reader), None);
    }

    #[test]
    fn the_queue_ends_after_the_last_item_of_the_last_writer() {
        let (mut writer, mut reader) = queue().unwrap();
        let second = writer.for_child().unwrap();
        writer.put(b"").unwrap();
        writer.put(b"last").unwrap();
        drop(writer);
        thread::scope(|s| {
            let rest = s.spawn(|| {
                assert_eq!(get(&mut reader).as_deref(), Some(&b""[..]));
                assert_eq!(get(&mut reader).as_deref(), Some(&b"last"[..]));
                get(&mut reader)
            });
            drop(second);
            assert_eq!(rest.join().unwrap(), None);
        });
        assert_eq!(get(&mut reader), None, "and it stays at its end");
    }

    #[test]
    fn a_full_queue_takes_no_more() {
        let (mut writer, reader) = queue().unwrap();
        let taken = &AtomicU32::new(0);
        let full = thread::scope(|s| {
            s.spawn(move || {
                while writer.put(&vec![0; LARGEST]).is_ok() {
                    taken.fetch_add(1, SeqCst);
                }
            });
            thread::sleep(Duration::from_millis(200));
            let full = taken.load(SeqCst);
            drop(reader); // Lets the writer go.
            full
        });
        assert!(full <= 2, "it has taken {full} large items");
    }

    #[test]
    fn a_writer_is_told_when_the_last_reader_has_gone() {
        let (mut writer, reader) = queue().unwrap();
        let second = reader.for_child().unwrap();
        drop(reader);
        writer.put(b"A").unwrap();
        drop(second);
        // A child that another test is starting may have them still open.
        while writer.put(b"B").is_ok() {}
        let kind = writer.put(b"C").unwrap_err().kind();
        // Once it is a reset, because A was never read.
        let kinds = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset];
        assert!(kinds.contains(&kind), "{kind}");
    }
}

#[cfg(target_os = "linux")]
#[path = "../lessons/lesson06_process_queue/src/queue.rs"]
mod queue_type;

#[test]
fn every_schedule_of_shared_memory_ends_as_the_book_says() {
    harness::assert_schedules(&lesson!(), "shared_memory");
}

harness::lesson_tests!(lesson!(), twin!(), PARTS);
