//! A pool that is ended at once, a worker that is killed, a task that kills.

use std::error::Error;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::{io, process};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use shared::clock::Stopwatch;
use shared::{nap, timeline};

use crate::many::SQUARE;
use crate::pool::{Pool, Task};

// ANCHOR: terminate
pub fn terminate() -> Result<(), Box<dyn Error>> {
    let pool = Pool::new(2)?;
    println!("4 tasks of 30 seconds on 2 workers: {:?}", pool.pids());
    let (door, port) = shut_door()?;
    let submit = |_| pool.apply_async(&KNOCK, (port, 30.0));
    let tasks = (0..4).map(submit).collect::<Result<Vec<_>, _>>()?;
    door.accept()?; // One has begun.
    nap(0.5);
    let watch = Stopwatch::start();
    pool.terminate();
    pool.join()?;
    println!("Terminated after {watch} seconds");
    for (i, task) in tasks.into_iter().enumerate() {
        println!(
            "Task {i}: {}",
            task.get().expect_err("nobody sleeps so fast")
        );
    }
    killed()
}
// ANCHOR_END: terminate

/// Where a task can knock, and its number.
pub fn shut_door() -> io::Result<(TcpListener, u16)> {
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = door.local_addr()?.port();
    Ok((door, port))
}

// ANCHOR: knock
pub const KNOCK: Task<(u16, f64), u32> = Task::new("knock", knock);

/// Knocks at the parent's door, waits until that has been heard, and sleeps.
fn knock((port, seconds): (u16, f64)) -> u32 {
    let _span = timeline::working("knock");
    wait_at_the_door(port);
    nap(seconds);
    process::id()
}

/// Nothing comes but the end, or there is no door any more.
pub fn wait_at_the_door(port: u16) {
    let door = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    let _heard = door.and_then(|mut door| door.read(&mut [0]));
}
// ANCHOR_END: knock

/// Ends the worker's process. Whoever runs it next is ended as well.
pub const POISON: Task<u32, u32> = Task::new("poison", |n| {
    let _span = timeline::working("poison");
    process::exit(n as i32)
});

// ANCHOR: killed
/// A worker is killed from outside, then a task kills one after the other.
fn killed() -> Result<(), Box<dyn Error>> {
    let pool = Pool::new(2)?.on_loss(|loss| println!("{loss}"));
    let victim = pool.pids()[0];
    let (door, port) = shut_door()?;
    let task = pool.apply_async(&KNOCK, (port, 1.0))?;
    let at_the_door = door.accept()?;
    nap(0.5);
    println!("Worker {victim} is at work: kill -9 {victim}");
    kill(Pid::from_raw(victim as i32), Signal::SIGKILL)?;
    drop(at_the_door);
    door.accept()?; // It runs again.
    println!("Done by worker {}", task.get()?);

    let poison = pool.apply_async(&POISON, 7)?;
    println!("poison: {}", poison.get().expect_err("nobody survives it"));
    println!("The pool goes on: {:?}", pool.map(&SQUARE, 0..10, 1)?);
    pool.close();
    Ok(pool.join()?)
}
// ANCHOR_END: killed
