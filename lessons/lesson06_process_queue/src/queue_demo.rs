//! Three items from one child to another.

use std::io::{self, BufRead, BufReader, stdin};
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use shared::{child, exit_when_parent_dies, nap, timeline};

use crate::process::join;
use crate::queue::{self, Reader, Writer};
use crate::writers_readers;

pub fn queue() -> io::Result<()> {
    timeline::lane("parent");
    println!("The parent keeps the queue open:");
    terminated()?;
    println!("The last writer closes:");
    closed()?;
    println!("Three writers, two readers:");
    writers_readers::writers_readers()
}

// ANCHOR: terminated
/// The reader waits for more items forever, because its parent still has a
/// writer. The parent terminates it.
fn terminated() -> io::Result<()> {
    let (to_queue, from_queue) = queue::queue()?;
    let writer =
        child("write", [""; 0])?.stdin(to_queue.for_child()?).spawn()?;
    let mut reader = child("read", [""; 0])?
        .stdin(from_queue.for_child()?)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = reader.stdout.take().expect("it is piped");
    // The fourth line is "Get C": terminated earlier, it would lose C.
    for line in BufReader::new(stdout).lines().take(4) {
        println!("{}", line?);
    }
    join(writer)?;
    kill_process(Pid::from_child(&reader), Signal::TERM)?;
    let pid = reader.id();
    let status = reader.wait()?;
    timeline::process_exited(pid);
    let signal = status.signal().expect("it does not exit by itself");
    println!("The reader ({pid}) was terminated by signal {signal}.");
    drop(to_queue); // Open until here.
    Ok(())
}

/// Only the child has a writer: the queue closes when that child exits.
fn closed() -> io::Result<()> {
    let (to_queue, from_queue) = queue::queue()?;
    let writer =
        child("write", [""; 0])?.stdin(to_queue.for_child()?).spawn()?;
    let reader =
        child("read", [""; 0])?.stdin(from_queue.for_child()?).spawn()?;
    drop(to_queue);
    let pid = reader.id();
    join(writer)?;
    join(reader)?;
    println!("The reader ({pid}) reached the end of the queue.");
    Ok(())
}
// ANCHOR_END: terminated

// ANCHOR: write
pub fn write(_: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let mut queue = Writer::new(stdin())?;
    println!("Process to write: {}", process::id());
    for value in ["A", "B", "C"] {
        let _span = timeline::working(&format!("put {value}"));
        println!("Put {value} to queue...");
        queue.put(value.as_bytes())?;
        nap(0.5);
    }
    Ok(())
}

pub fn read(_: &[String]) -> io::Result<()> {
    exit_when_parent_dies();
    let mut queue = Reader::new(stdin())?;
    println!("Process to read: {}", process::id());
    loop {
        let waiting = timeline::waiting("waits");
        let Some(item) = queue.get()? else { return Ok(()) };
        drop(waiting);
        println!("Get {} from queue.", String::from_utf8_lossy(item));
    }
}
// ANCHOR_END: write
