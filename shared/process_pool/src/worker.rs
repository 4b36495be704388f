//! The worker's side: take a task, run it, send what it returns.

use std::any::Any;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use crate::task::ErasedTask;
use crate::wire::{self, Reply, Request};

/// The argument with which a pool starts this program as a worker.
pub const WORKER_ARGUMENT: &str = "--process-pool-worker";

/// A task that has waited this long after another one is returned.
const RETURN_AFTER: Duration = Duration::from_millis(5);

static SERVING: AtomicBool = AtomicBool::new(false);

/// Whether a pool started this process, and `main` did not call `init`.
pub fn is_uninitialized_worker() -> bool {
    let argument = env::args_os().nth(1);
    argument.is_some_and(|arg| arg == WORKER_ARGUMENT) && !SERVING.load(Relaxed)
}

/// The first line of `main`. In a worker it runs the tasks of `table` and does
/// not return; in any other process it does nothing.
pub fn init(table: &'static [&'static dyn ErasedTask]) {
    if is_uninitialized_worker() {
        let Err(error) = serve(table);
        eprintln!("process_pool: {error}");
        process::exit(1);
    }
}

/// The requests that have come and have not begun.
#[derive(Default)]
struct Inbox {
    requests: Mutex<Requests>,
    changed: Condvar,
}

#[derive(Default)]
struct Requests {
    waiting: VecDeque<Vec<u8>>,
    /// How many have begun.
    begun: u64,
    /// Whether the last of them still runs.
    busy: bool,
}

// ANCHOR: serve
/// The whole life of a worker: runs the tasks that the pool sends, by their
/// names in `table`. The process exits when the pool closes its end or dies.
///
/// # Errors
///
/// If standard input is not the socket of a pool.
pub fn serve(
    table: &'static [&'static dyn ErasedTask],
) -> io::Result<std::convert::Infallible> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let out = Arc::new(Mutex::new(socket.try_clone()?));
    send(&out, &Reply::Started)?;
    SERVING.store(true, Relaxed);
    // A task cannot read what is not its own.
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    panic::set_hook(Box::new(|_| ())); // The pool reports a panic.
    let inbox = Arc::new(Inbox::default());
    thread::spawn({
        let inbox = Arc::clone(&inbox);
        move || receive(&socket, &inbox)
    });
    thread::spawn({
        let inbox = Arc::clone(&inbox);
        let out = Arc::clone(&out);
        move || return_waiting(&inbox, &out)
    });
    loop {
        send_message(&out, &run(table, &inbox.next()))?;
    }
}

/// Puts requests into the inbox. At the end of the stream there is no pool any
/// more: the process exits, whatever it is doing.
fn receive(socket: &UnixStream, inbox: &Inbox) {
    let mut reader = BufReader::with_capacity(1 << 16, socket);
    loop {
        let mut received = Vec::new();
        while received.is_empty() || !reader.buffer().is_empty() {
            let mut message = Vec::new();
            match wire::read(&mut reader, &mut message) {
                Ok(()) => received.push(message),
                Err(_) => process::exit(0),
            }
        }
        inbox.requests.lock().unwrap().waiting.extend(received);
        inbox.changed.notify_all();
    }
}
// ANCHOR_END: serve

impl Inbox {
    fn next(&self) -> Vec<u8> {
        let mut guard = self.requests.lock().unwrap();
        guard.busy = false;
        let is_empty = |it: &mut Requests| it.waiting.is_empty();
        let mut guard = self.changed.wait_while(guard, is_empty).unwrap();
        guard.busy = true;
        guard.begun += 1;
        guard.waiting.pop_front().expect("the wait ends with a request")
    }
}

// ANCHOR: return_waiting
/// Returns what waits after a long task: an idle worker will run it.
fn return_waiting(inbox: &Inbox, out: &Mutex<UnixStream>) {
    loop {
        let guard = inbox.requests.lock().unwrap();
        let is_empty = |it: &mut Requests| it.waiting.is_empty();
        let begun = inbox.changed.wait_while(guard, is_empty).unwrap().begun;
        thread::sleep(RETURN_AFTER);
        let mut guard = inbox.requests.lock().unwrap();
        if guard.begun > begun || !guard.busy {
            continue; // The worker makes progress.
        }
        let returned: Vec<_> = guard.waiting.drain(..).rev().collect();
        drop(guard);
        for message in returned {
            let request = wire::decode::<Request>(&message);
            let (Request { id, .. }, _) = request.expect("from our pool");
            // If the pool is gone, `receive` ends this process.
            let _ = send(out, &Reply::Returned { id });
        }
    }
}
// ANCHOR_END: return_waiting

fn send(out: &Mutex<UnixStream>, reply: &Reply) -> io::Result<()> {
    let message = wire::encode(reply, Ok).map_err(io::Error::other)?;
    send_message(out, &message)
}

/// If the pool is gone, the process exits as `receive` ends it.
fn send_message(out: &Mutex<UnixStream>, message: &[u8]) -> io::Result<()> {
    let sent = out.lock().unwrap().write_all(message);
    sent.inspect_err(|error| {
        let gone = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
        if gone.contains(&error.kind()) {
            process::exit(0);
        }
    })
}

/// Runs one task, or one chunk of a `map`. A panic is a reply as well.
fn run(table: &[&dyn ErasedTask], message: &[u8]) -> Vec<u8> {
    let (request, args) =
        wire::decode::<Request>(message).expect("from our pool");
    let Request { id, task: name, count } = request;
    let watch = Instant::now();
    let run = || {
        let mut tasks = table.iter();
        let task = tasks.find(|task| task.name() == name);
        let task = task.ok_or("is not in the workers' table")?;
        let results = task.run(count, args, Vec::new());
        results.map_err(|error| format!("cannot be (de)serialized: {error}"))
    };
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    let micros = watch.elapsed().as_micros() as u64;
    let message = match result.unwrap_or_else(|panic| Err(text_of(&*panic))) {
        Ok(results) => wire::encode(&Reply::Done { id, micros }, |mut out| {
            out.extend_from_slice(&results);
            Ok(out)
        }),
        Err(message) => wire::encode(&Reply::Failed { id, message }, Ok),
    };
    message.expect("a reply can be serialized")
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or(panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a message"))
}
