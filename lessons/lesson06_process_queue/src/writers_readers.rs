//! Several writers and several readers at one queue.

use std::collections::BTreeSet;
use std::io::{self, stdin, stdout};
use std::process;

use shared::{child, exit_when_parent_dies, nap, timeline};

use crate::process::join;
use crate::queue::{self, LARGEST, Reader, Writer};

/// Items of a writer: more than the queue has room for.
const EACH: usize = 4;
const WRITERS: [&str; 3] = ["Writer-1", "Writer-2", "Writer-3"];
const READERS: [&str; 2] = ["Reader-1", "Reader-2"];

// ANCHOR: writers_readers
pub fn writers_readers() -> io::Result<()> {
    let (to_queue, mut from_queue) = queue::queue()?;
    let (to_results, mut results) = queue::queue()?;
    let mut children = Vec::new();
    for name in WRITERS {
        let end = to_queue.for_child()?;
        children.push(child("put_many", [name])?.stdin(end).spawn()?);
    }
    drop(to_queue);
    println!("No process reads yet, and the queue is soon full.");
    nap(1.0);
    println!("Now two readers start.");
    for name in READERS {
        let mut reader = child("take_share", [name])?;
        reader.stdin(from_queue.for_child()?).stdout(to_results.for_child()?);
        children.push(reader.spawn()?);
    }
    drop(to_results);
    let arrived = collect(&mut results)?;
    assert!(from_queue.get()?.is_none(), "more items than were put");
    children.into_iter().try_for_each(join)?;
    assert_eq!(arrived.len(), WRITERS.len() * EACH, "every item once");
    println!("All {} items arrived, each once.", arrived.len());
    Ok(())
}

/// Prints what the readers got, until the last of them has exited.
fn collect(results: &mut Reader) -> io::Result<BTreeSet<String>> {
    let mut arrived = BTreeSet::new();
    while let Some(result) = results.get()? {
        let result = String::from_utf8_lossy(result);
        println!("{result}");
        arrived.extend(result.split_once(" got ").map(|(_, item)| item.into()));
    }
    Ok(arrived)
}
// ANCHOR_END: writers_readers

// ANCHOR: put_many
pub fn put_many(args: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let me = &args[0];
    timeline::lane(me);
    let mut queue = Writer::new(stdin())?;
    for n in 1..=EACH {
        let _span = timeline::waiting("put");
        let mut item = format!("{me}'s item {n}").into_bytes();
        item.resize(LARGEST, b' '); // Filled with spaces.
        queue.put(&item)?;
    }
    println!("{me} ({}) has put {EACH} items", process::id());
    Ok(())
}

/// Takes its share of the items, and reports each to the parent.
pub fn take_share(args: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let me = &args[0];
    let pid = process::id();
    timeline::lane(me);
    let mut queue = Reader::new(stdin())?;
    let mut results = Writer::new(stdout())?;
    for _ in 0..WRITERS.len() * EACH / READERS.len() {
        let item = queue.get()?.expect("there are enough for all readers");
        assert_eq!(item.len(), LARGEST, "items arrive whole");
        let item = String::from_utf8_lossy(item).trim_end().to_string();
        let _span = timeline::working("got");
        results.put(format!("{me} ({pid}) got {item}").as_bytes())?;
        nap(0.4);
    }
    Ok(())
}
// ANCHOR_END: put_many
