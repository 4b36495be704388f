//! A child cannot exit before its items are read.

use std::io;

use shared::child;
use shared::clock::at_pace;
use wait_timeout::ChildExt;

use crate::process::join;
use crate::queue;

// ANCHOR: drain
/// Joins a child before its items are read: neither process can continue. The
/// timeout ends it.
pub fn drain() -> io::Result<()> {
    let (to_queue, mut from_queue) = queue::queue()?;
    let end = to_queue.for_child()?;
    let mut writer = child("put_many", ["Writer-4"])?.stdin(end).spawn()?;
    drop(to_queue);
    match writer.wait_timeout(at_pace(1.0))? {
        None => println!("The join timed out: the items are unread."),
        Some(_) => println!("The writer has exited."),
    }
    let mut items = 0;
    while from_queue.get()?.is_some() {
        items += 1;
    }
    join(writer)?;
    println!("After {items} items were read, the writer has exited.");
    Ok(())
}
// ANCHOR_END: drain
