//! The worker's side: take a task, run it, send what it returns.

use std::any::Any;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;
use std::{env, mem, process, thread};

use crate::task::ErasedTask;
use crate::wire::{self, Reply};

/// The argument with which a pool starts this program as a worker.
pub const WORKER_ARGUMENT: &str = "--process-pool-worker";

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

/// The whole life of a worker: runs the tasks that the pool sends, by their
/// names in `table`. The process exits when the pool closes its end or dies.
///
/// # Errors
///
/// If standard input is not the socket of a pool.
pub fn serve(
    table: &'static [&'static dyn ErasedTask],
) -> io::Result<Infallible> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.local_addr()?; // An error if it is not a socket.
    let out = Arc::new(Mutex::new(socket.try_clone()?));
    SERVING.store(true, Relaxed);
    // A task cannot read what is not its own.
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    panic::set_hook(Box::new(|_| ())); // The pool reports a panic.
    send(&out, &wire::EMPTY);
    let inbox = Arc::new(Inbox::default());
    thread::spawn({
        let inbox = Arc::clone(&inbox);
        let out = Arc::clone(&out);
        move || inbox.receive(&socket, &out)
    });
    loop {
        send(&out, &run(table, &inbox.next()));
    }
}

/// The requests that have come and have not begun.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<VecDeque<Vec<u8>>>,
    arrived: Condvar,
}

impl Inbox {
    fn next(&self) -> Vec<u8> {
        let guard = self.waiting.lock().unwrap();
        let guard = self.arrived.wait_while(guard, |all| all.is_empty());
        guard.unwrap().pop_front().expect("the wait ends with a request")
    }

    /// Receives requests. At the end of the stream there is no pool any more:
    /// the process exits, whatever it is doing.
    fn receive(&self, socket: &UnixStream, out: &Mutex<UnixStream>) {
        let mut reader = BufReader::with_capacity(1 << 16, socket);
        loop {
            let mut message = Vec::new();
            if wire::read(&mut reader, &mut message).is_err() {
                process::exit(0);
            }
            let mut guard = self.waiting.lock().unwrap();
            if message.is_empty() {
                // The pool asks for what has not begun.
                let returned = mem::take(&mut *guard).len();
                drop(guard);
                send(out, &Reply::Returned(returned).encode());
            } else {
                guard.push_back(message);
            }
            if reader.buffer().is_empty() {
                self.arrived.notify_one(); // Once for all that has come.
            }
        }
    }
}

/// If the pool is gone, the process exits as `receive` ends it.
fn send(out: &Mutex<UnixStream>, message: &[u8]) {
    if out.lock().unwrap().write_all(message).is_err() {
        process::exit(0);
    }
}

/// Runs one task, or one chunk of a `map`. A panic is a reply as well.
fn run(table: &[&dyn ErasedTask], message: &[u8]) -> Vec<u8> {
    let (name, args) = wire::read_request(message).expect("from our pool");
    let watch = Instant::now();
    let run = || {
        let task = table.iter().find(|task| task.name() == name);
        task.ok_or("is not in the workers' table")?.run(args)
    };
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    let micros = watch.elapsed().as_micros() as u64;
    match result.unwrap_or_else(|panic| Err(text_of(&*panic))) {
        Ok(results) => Reply::Done { micros, results: &results }.encode(),
        Err(why) => Reply::Failed(why).encode(),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or(panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a message"))
}
