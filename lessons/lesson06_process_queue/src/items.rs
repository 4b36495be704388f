//! Three items from one child to another.

use std::io::{self, BufRead, BufReader, stdin};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{ExitStatusExt, parent_id};
use std::process::{self, Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use shared::{nap, timeline};

use crate::many;
use crate::queue::{self, Reader, Writer};

pub fn queue() -> io::Result<()> {
    timeline::lane("parent");
    println!("The parent keeps the queue open:");
    terminated()?;
    println!("The last writer closes:");
    closed()?;
    println!("Three writers, two readers:");
    many::many()
}

// ANCHOR: terminated
/// The documents' way: the reader waits for more for ever, because there is
/// still somebody who could write, its parent.
fn terminated() -> io::Result<()> {
    let (to_queue, from_queue) = queue::queue()?;
    let writer = child("write")?.stdin(to_queue.for_child()?).spawn()?;
    let mut reader = child("read")?
        .stdin(from_queue.for_child()?)
        .stdout(Stdio::piped())
        .spawn()?;
    let says = reader.stdout.take().expect("it is piped");
    for line in BufReader::new(says).lines() {
        let line = line?;
        println!("{line}");
        if line == "Get C from queue." {
            break; // Ended any earlier, it would lose what is on its way.
        }
    }
    join(writer)?;
    kill_process(Pid::from_child(&reader), Signal::TERM)?;
    let (pid, status) = (reader.id(), reader.wait()?);
    timeline::process_exited(pid);
    let signal = status.signal().expect("it does not end by itself");
    println!("The reader ({pid}) was terminated by signal {signal}.");
    drop(to_queue); // Open until here.
    Ok(())
}

/// The way that needs no killing: nobody else has a writer, so the queue ends
/// with the child that writes, and the reader sees it.
fn closed() -> io::Result<()> {
    let (to_queue, from_queue) = queue::queue()?;
    let writer = child("write")?.stdin(to_queue.for_child()?).spawn()?;
    let reader = child("read")?.stdin(from_queue.for_child()?).spawn()?;
    drop(to_queue);
    let pid = reader.id();
    join(writer)?;
    join(reader)?;
    println!("The reader ({pid}) came to the end of the queue.");
    Ok(())
}
// ANCHOR_END: terminated

// ANCHOR: write
pub fn write(parent: &[String]) -> io::Result<()> {
    end_with_parent(parent)?;
    let mut queue = Writer::new(standard_input()?);
    println!("Process to write: {}", process::id());
    for value in ["A", "B", "C"] {
        let _span = timeline::working(&format!("put {value}"));
        println!("Put {value} to queue...");
        queue.put(value.as_bytes())?;
        nap(0.5);
    }
    Ok(())
}

pub fn read(parent: &[String]) -> io::Result<()> {
    end_with_parent(parent)?;
    let mut queue = Reader::new(standard_input()?);
    println!("Process to read: {}", process::id());
    while let Some(value) = next(&mut queue)? {
        println!("Get {value} from queue.");
    }
    Ok(())
}
// ANCHOR_END: write

fn next(queue: &mut Reader) -> io::Result<Option<String>> {
    let _span = timeline::waiting("waits");
    let item = queue.get()?;
    Ok(item.map(|item| String::from_utf8_lossy(item).into_owned()))
}

/// A child in `role` that knows who its parent is.
pub fn child(role: &str) -> io::Result<Command> {
    shared::child(role, [process::id().to_string()])
}

/// What stands where the standard input does: here one end of a queue.
pub fn standard_input() -> io::Result<OwnedFd> {
    stdin().as_fd().try_clone_to_owned()
}

/// Waits for a child, which must succeed.
pub fn join(mut child: Child) -> io::Result<()> {
    let (pid, status) = (child.id(), child.wait()?);
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("child {pid} failed: {status}")))
}

// ANCHOR: end_with_parent
/// Makes the system end this child when its parent ends, even by SIGKILL.
pub fn end_with_parent(parent: &[String]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    let here = parent_id().to_string();
    if parent.first() != Some(&here) {
        return Err(io::Error::other("the parent has already ended"));
    }
    Ok(())
}
// ANCHOR_END: end_with_parent
