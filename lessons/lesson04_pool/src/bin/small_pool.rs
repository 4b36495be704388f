//! A pool that you can hold in mind: one task in flight a worker, and a worker
//! that dies is replaced. A task is a number; its result is the square.
//!
//! Run: `cargo run -p lesson04_pool --bin small_pool`

use std::io::{self, BufRead, BufReader, Write, stdin};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::{env, thread};

// ANCHOR: Pool
struct Pool {
    jobs: mpsc::Sender<u64>,
    results: mpsc::Receiver<(u64, u64)>,
    feeders: Vec<thread::JoinHandle<io::Result<u32>>>,
}

impl Pool {
    fn new(size: usize) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let (sender, results) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |_| {
            let waiting = Arc::clone(&waiting);
            let sender = sender.clone();
            thread::spawn(move || feed(&waiting, &sender))
        };
        let feeders = (0..size).map(start).collect();
        Self { jobs, results, feeders }
    }

    fn apply_async(&self, n: u64) {
        self.jobs.send(n).expect("the feeders wait for jobs");
    }

    /// Closes the queue and waits for all results. Also returns how many
    /// workers were replaced.
    fn join(self) -> io::Result<(Vec<(u64, u64)>, u32)> {
        drop(self.jobs);
        let mut results: Vec<_> = self.results.iter().collect();
        results.sort();
        let ended = self.feeders.into_iter().map(|f| f.join().unwrap());
        let replaced = ended.sum::<io::Result<u32>>()?;
        Ok((results, replaced))
    }
}
// ANCHOR_END: Pool

// ANCHOR: feed
/// Sends one job at a time to a worker, until the queue is closed.
fn feed(
    jobs: &Mutex<mpsc::Receiver<u64>>,
    results: &mpsc::Sender<(u64, u64)>,
) -> io::Result<u32> {
    let mut worker = Worker::start("first")?;
    let mut replaced = 0;
    loop {
        let job = jobs.lock().unwrap().recv();
        let Ok(job) = job else { break };
        let mut result = worker.call(job);
        if result.is_err() {
            let pid = worker.child.id();
            let status = worker.child.wait()?;
            println!("Worker {pid} ended ({status}): task {job} runs again");
            worker = Worker::start("successor")?;
            replaced += 1;
            result = worker.call(job);
        }
        results.send((job, result?)).expect("`join` reads all results");
    }
    drop(worker.input); // The worker reads the end of its input and exits.
    worker.child.wait()?;
    Ok(replaced)
}
// ANCHOR_END: feed

/// The process of a worker, a pipe to it and a pipe from it.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(name: &str) -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["worker", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().expect("it is piped");
        let output = child.stdout.take().expect("it is piped");
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    fn call(&mut self, job: u64) -> io::Result<u64> {
        writeln!(self.input, "{job}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        line.trim().parse().map_err(io::Error::other)
    }
}

/// In the worker: reads numbers and writes their squares. The first worker
/// that receives 3 dies of it.
fn work(name: &str) -> io::Result<()> {
    for line in stdin().lines() {
        let n: u64 = line?.parse().map_err(io::Error::other)?;
        if n == 3 && name == "first" {
            process::exit(7);
        }
        println!("{}", n * n);
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    if args.len() == 2 && args[0] == "worker" {
        return work(&args[1]);
    }
    let pool = Pool::new(2);
    (0..6).for_each(|n| pool.apply_async(n));
    let (results, replaced) = pool.join()?;
    println!("Results: {results:?}");
    let squares: Vec<_> = (0..6).map(|n| (n, n * n)).collect();
    assert_eq!(results, squares, "none is lost, none runs twice");
    assert_eq!(replaced, 1, "the first worker that received 3");
    Ok(())
}
