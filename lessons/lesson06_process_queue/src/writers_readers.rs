//! Several writers and several readers at one queue.

use std::io::{self, stdout};
use std::os::fd::AsFd;
use std::process;

use shared::{child, exit_when_parent_dies, nap, timeline};

use crate::process::{join, standard_input};
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
        let end = from_queue.for_child()?;
        let result = to_results.for_child()?;
        let mut reader = child("take_share", [name])?;
        children.push(reader.stdin(end).stdout(result).spawn()?);
    }
    drop(to_results);
    let arrived = collect(&mut results)?;
    assert!(from_queue.get()?.is_none(), "more items than were put");
    children.into_iter().try_for_each(join)?;
    let all = |name| (1..=EACH).map(move |n| item(name, n));
    let all: Vec<_> = WRITERS.into_iter().flat_map(all).collect();
    assert_eq!(arrived, all, "every item exactly once");
    println!("All {} items arrived, each once.", arrived.len());
    Ok(())
}

/// Prints what the readers got, until the last of them has exited.
fn collect(results: &mut Reader) -> io::Result<Vec<String>> {
    let mut arrived = Vec::new();
    while let Some(result) = results.get()? {
        let result = String::from_utf8_lossy(result);
        println!("{result}");
        arrived.extend(result.split_once(" got ").map(|(_, item)| item.into()));
    }
    arrived.sort();
    Ok(arrived)
}
// ANCHOR_END: writers_readers

fn item(writer: &str, n: usize) -> String {
    format!("{writer}'s item {n}")
}

// ANCHOR: put_many
pub fn put_many(args: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let me = &args[0];
    let pid = process::id();
    timeline::lane(me);
    let mut queue = Writer::new(standard_input()?);
    for n in 1..=EACH {
        let _span = timeline::waiting("put");
        let mut item = item(me, n).into_bytes();
        item.resize(LARGEST, 0); // Filled with zeros.
        queue.put(&item)?;
    }
    println!("{me} ({pid}) has put {EACH} items");
    Ok(())
}

/// Takes its share of the items, and reports each to the parent.
pub fn take_share(args: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let me = &args[0];
    let pid = process::id();
    timeline::lane(me);
    let mut queue = Reader::new(standard_input()?);
    let mut results = Writer::new(stdout().as_fd().try_clone_to_owned()?);
    for _ in 0..WRITERS.len() * EACH / READERS.len() {
        let item = queue.get()?.expect("there are enough for all readers");
        assert_eq!(item.len(), LARGEST, "items arrive whole");
        let name = item.split(|&byte| byte == 0).next().expect("its name");
        let name = String::from_utf8_lossy(name);
        let _span = timeline::working("got");
        results.put(format!("{me} ({pid}) got {name}").as_bytes())?;
        nap(0.4);
    }
    Ok(())
}
// ANCHOR_END: put_many
