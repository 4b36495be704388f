//! The worker's side: take a task, run it, send what it returns.

use std::collections::VecDeque;
use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{process, thread};

use super::link;
use super::task::Named;
use super::wire::{self, Bytes, Kind};

/// A task that has waited this long behind another one goes back.
const PATIENCE: Duration = Duration::from_millis(5);

/// The tasks that have come and are not begun.
#[derive(Default)]
struct Desk {
    tasks: Mutex<Tasks>,
    came: Condvar,
}

#[derive(Default)]
struct Tasks {
    waiting: VecDeque<(u64, Vec<u8>)>,
    /// How many were begun.
    begun: u64,
    /// Whether the last of them still runs.
    busy: bool,
}

// ANCHOR: serve
/// The whole life of a worker: runs the tasks that the pool sends, by their
/// names in `table`, until the pool closes its end or is gone.
///
/// # Errors
///
/// When standard input is no socket: only a pool can start a worker.
pub fn serve(table: &'static [&'static dyn Named]) -> io::Result<()> {
    let socket = Arc::new(link::inherited()?);
    let out = Arc::new(Mutex::new(socket.try_clone()?));
    let desk = Arc::new(Desk::default());
    send(&out, wire::frame(Kind::Hello, process::id().into(), |_| ()))?;
    panic::set_hook(Box::new(|_| ())); // The pool will tell, not we.
    thread::spawn({
        let desk = Arc::clone(&desk);
        move || receive(&socket, &desk)
    });
    thread::spawn({
        let (desk, out) = (Arc::clone(&desk), Arc::clone(&out));
        move || give_back(&desk, &out)
    });
    loop {
        let (id, body) = desk.next();
        send(&out, perform(table, id, &body))?;
    }
}

/// Puts on the desk what comes in. At the end of the file there is no pool
/// any more: the process ends, whatever it is doing.
fn receive(socket: &UnixStream, desk: &Desk) {
    let mut reader = BufReader::with_capacity(1 << 16, socket);
    loop {
        let mut came = Vec::new();
        while came.is_empty() || !reader.buffer().is_empty() {
            let mut body = Vec::new();
            match wire::read(&mut reader, &mut body) {
                Ok((_, id)) => came.push((id, body)),
                Err(_) => process::exit(0),
            }
        }
        desk.tasks.lock().unwrap().waiting.extend(came);
        desk.came.notify_all();
    }
}
// ANCHOR_END: serve

impl Desk {
    fn next(&self) -> (u64, Vec<u8>) {
        let mut tasks = self.tasks.lock().unwrap();
        tasks.busy = false;
        let none = |tasks: &mut Tasks| tasks.waiting.is_empty();
        let mut tasks = self.came.wait_while(tasks, none).unwrap();
        tasks.busy = true;
        tasks.begun += 1;
        tasks.waiting.pop_front().expect("we have waited for it")
    }
}

// ANCHOR: give_back
/// Gives back what waits behind a task that takes its time: a worker that is
/// free will run it.
fn give_back(desk: &Desk, out: &Mutex<UnixStream>) {
    loop {
        let tasks = desk.tasks.lock().unwrap();
        let none = |tasks: &mut Tasks| tasks.waiting.is_empty();
        let begun = desk.came.wait_while(tasks, none).unwrap().begun;
        thread::sleep(PATIENCE);
        let mut tasks = desk.tasks.lock().unwrap();
        if tasks.begun > begun || !tasks.busy {
            continue; // It goes on.
        }
        let returned: Vec<_> = tasks.waiting.drain(..).rev().collect();
        drop(tasks);
        for (id, _) in returned {
            // Where nobody reads, `receive` ends this process.
            let _ = send(out, wire::frame(Kind::Returned, id, |_| ()));
        }
    }
}
// ANCHOR_END: give_back

/// Where nobody reads any more, the process ends as `receive` ends it.
fn send(out: &Mutex<UnixStream>, frame: Vec<u8>) -> io::Result<()> {
    let sent = out.lock().unwrap().write_all(&frame);
    sent.inspect_err(|error| {
        let gone = [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset];
        if gone.contains(&error.kind()) {
            process::exit(0);
        }
    })
}

/// Runs one task, or one chunk of a `map`. A panic is an answer, too.
fn perform(table: &[&dyn Named], id: u64, body: &[u8]) -> Vec<u8> {
    let watch = Instant::now();
    let run = || run_by_name(table, body);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    let micros = watch.elapsed().as_micros() as u64;
    match result.unwrap_or_else(|panic| Err(words(&*panic))) {
        Ok(results) => wire::frame(Kind::Done, id, |body| {
            micros.put(body);
            body.extend_from_slice(&results);
        }),
        Err(why) => wire::frame(Kind::Failed, id, |body| why.put(body)),
    }
}

fn run_by_name(table: &[&dyn Named], body: &[u8]) -> Result<Vec<u8>, String> {
    let body = &mut &body[..];
    let count = u64::take(body).ok_or("came without a count")?;
    let name = wire::take_text(body).ok_or("came without a name")?;
    let task = table.iter().find(|task| task.name() == name);
    let task = task.ok_or_else(|| format!("no worker knows {name}"))?;
    let mut results = Vec::new();
    let ran = task.run(count, body, &mut results);
    ran.ok_or_else(|| format!("{name} cannot read its arguments"))?;
    Ok(results)
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or(panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without words"))
}
