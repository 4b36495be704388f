//! What a pool promises. Its workers are this test program, which runs the
//! ignored test `worker` alone.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Once, mpsc};
use std::time::Duration;
use std::{env, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_pool::{Builder, ErasedTask, Error, Pool, Task};

const SQUARE: Task<u32, u32> = Task::new("square", |n| n * n);
const PID: Task<(), u32> = Task::new("pid", |()| process::id());
const DIVIDE: Task<(i64, i64), i64> = Task::new("divide", |(a, b)| a / b);
const EXIT: Task<i32, ()> = Task::new("exit", |code| process::exit(code));
const NOTHING: Task<u32, ()> = Task::new("nothing", |_| ());
/// The codec does not know how many there are.
const EVEN: Task<Even, ()> = Task::new("even", |_| ());
const NOT_LISTED: Task<(), ()> = Task::new("not_listed", |()| ());
const TEXT: Task<Option<String>, Vec<String>> =
    Task::new("text", |text| text.into_iter().collect());
/// Blocks until the listener at this port drops the connection.
const BLOCK: Task<u16, u32> = Task::new("block", |port| {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    let _closed = stream.and_then(|mut stream| stream.read(&mut [0]));
    process::id()
});

static TASKS: &[&dyn ErasedTask] =
    &[&SQUARE, &PID, &DIVIDE, &EXIT, &TEXT, &BLOCK, &NOTHING, &EVEN];

/// Set in the processes that the pools here start.
const WORKER: &str = "POOL_TEST_WORKER";

#[test]
#[ignore = "a worker of the other tests"]
fn worker() {
    if env::var_os(WORKER).is_none() {
        return; // No pool started this process.
    }
    let Err(error) = process_pool::serve(TASKS);
    panic!("{error}");
}

fn worker_command(_index: usize) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["worker", "--exact", "--ignored"]).env(WORKER, "yes");
    command.stdout(Stdio::null());
    Ok(command)
}

/// After a minute a test hangs: this program and its workers exit.
fn exit_at_deadline() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        thread::spawn(|| {
            thread::sleep(Duration::from_secs(60));
            eprintln!("a test hangs");
            process::exit(1);
        });
    });
}

fn builder(size: usize) -> Builder {
    exit_at_deadline();
    Pool::builder().size(size).command(worker_command)
}

fn pool(size: usize) -> Pool {
    builder(size).build().expect("the workers start")
}

fn listen() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

fn is_alive(pid: u32) -> bool {
    kill(Pid::from_raw(pid as i32), None).is_ok()
}

#[test]
fn map_keeps_the_order_in_chunks_of_any_size() {
    let pool = pool(2);
    let squares: Vec<_> = (0..1000).map(|n| n * n).collect();
    for chunk in [None, Some(1), Some(7), Some(2000)] {
        assert_eq!(pool.map(&SQUARE, 0..1000, chunk), Ok(squares.clone()));
    }
    assert_eq!(pool.map(&SQUARE, 0..0, None), Ok(Vec::new()));
}

#[test]
fn values_of_any_serde_type_travel() {
    let pool = pool(1);
    let text = String::from("两点水\0\n");
    let result = pool.apply_async(&TEXT, Some(text.clone())).unwrap();
    assert_eq!(result.get(), Ok(vec![text]));
    let long = "x".repeat(1 << 20);
    let result = pool.apply_async(&TEXT, Some(long.clone())).unwrap();
    assert_eq!(result.get(), Ok(vec![long]));
}

#[test]
fn each_result_is_iterated_once() {
    let pool = pool(2);
    let results = pool.imap_unordered(&SQUARE, 0..100, 3).unwrap();
    let results: Result<BTreeSet<_>, _> = results.collect();
    assert_eq!(results, Ok((0..100).map(|n| n * n).collect()));
}

#[test]
fn an_early_result_is_iterated_before_a_late_one() {
    let pool = pool(2);
    let (listener, port) = listen().unwrap();
    // Nothing listens at port 0: that task returns at once.
    let mut results = pool.imap_unordered(&BLOCK, [port, 0], 1).unwrap();
    let blocked = listener.accept().unwrap();
    assert!(results.next().is_some(), "the second task is done");
    drop(blocked);
    assert!(results.next().is_some());
    assert!(results.next().is_none());
}

#[test]
fn a_panic_is_an_error_and_its_worker_goes_on() {
    let pool = pool(1);
    let pid = pool.apply_async(&PID, ()).unwrap().get();
    let error = pool.apply_async(&DIVIDE, (1, 0)).unwrap().get();
    let why = "divide panicked: attempt to divide by zero";
    assert_eq!(error, Err(Error::Failed(why.into())));
    assert_eq!(pool.apply_async(&PID, ()).unwrap().get(), pid);
    let mapped = pool.map(&DIVIDE, [(4, 2), (1, 0)], 1);
    assert_eq!(mapped, Err(Error::Failed(why.into())));
}

#[test]
fn an_unknown_task_is_an_error() {
    let result = pool(1).apply_async(&NOT_LISTED, ()).unwrap().get();
    let why = "not_listed is not in the workers' table";
    assert_eq!(result, Err(Error::Failed(why.into())));
}

#[test]
fn bytes_of_another_type_are_an_error() {
    const NO_NUMBER: Task<(), u32> = Task::new("square", |()| 0);
    const TEXT_OF: Task<u32, String> = Task::new("square", |_| String::new());
    let pool = pool(1);
    let args = pool.apply_async(&NO_NUMBER, ()).unwrap().get();
    let why = args.unwrap_err().to_string();
    assert!(why.starts_with("square cannot be (de)serialized: "), "{why}");
    let result = pool.apply_async(&TEXT_OF, 9).unwrap().get();
    let why = "square returned bytes of another type";
    assert_eq!(result, Err(Error::Failed(why.into())));
}

#[test]
fn a_callback_that_comes_late_is_called_at_once() {
    let pool = pool(1);
    let (sender, receiver) = mpsc::channel();
    let result = pool.apply_async(&SQUARE, 3).unwrap();
    assert_eq!(result.get_timeout(Duration::MAX), Ok(9));
    let result = result.callback(move |n| sender.send(*n).unwrap());
    assert_eq!(receiver.try_recv(), Ok(9));
    assert_eq!(result.get(), Ok(9));
}

#[test]
fn callbacks_receive_results_before_get() {
    let pool = pool(1);
    let (sender, receiver) = mpsc::channel();
    let all = sender.clone();
    let one = move |n: &u32| sender.send(vec![*n]).unwrap();
    let result = pool.apply_async(&SQUARE, 3).unwrap().callback(one);
    assert_eq!(result.get(), Ok(9));
    assert_eq!(receiver.try_recv(), Ok(vec![9]));
    let many = move |all_of: &Vec<u32>| all.send(all_of.clone()).unwrap();
    let results = pool.map_async(&SQUARE, 0..3, 1).unwrap().callback(many);
    assert_eq!(results.get(), Ok(vec![0, 1, 4]));
    assert_eq!(receiver.try_recv(), Ok(vec![0, 1, 4]));
}

#[test]
fn get_returns_the_result_if_a_callback_panics() {
    let pool = pool(1);
    let panics = |_: &u32| panic!("a callback panics, as this test wants");
    let result = pool.apply_async(&SQUARE, 3).unwrap().callback(panics);
    assert_eq!(result.get(), Ok(9));
    let panics = |_: &Vec<u32>| panic!("a callback panics, as this test wants");
    let results = pool.map_async(&SQUARE, 0..3, 1).unwrap().callback(panics);
    assert_eq!(results.get(), Ok(vec![0, 1, 4]));
    let results = pool.map_async(&SQUARE, 0..0, 1).unwrap().callback(panics);
    assert_eq!(results.get(), Ok(Vec::new()));
    pool.close();
    assert_eq!(pool.join(), Ok(()), "no thread of the pool has died");
}

#[test]
fn a_task_of_a_killed_worker_runs_again() {
    let (sender, deaths) = mpsc::channel();
    let tell = move |death: &process_pool::WorkerDeath| {
        sender.send(death.clone()).unwrap();
    };
    let pool = builder(1).on_death(tell).build().unwrap();
    let (listener, port) = listen().unwrap();
    let task = pool.apply_async(&BLOCK, port).unwrap();
    let blocked = listener.accept().unwrap();
    let victim = pool.pids()[0];
    kill(Pid::from_raw(victim as i32), Signal::SIGKILL).unwrap();
    drop(blocked);
    drop(listener.accept().unwrap());
    let successor = task.get().unwrap();
    assert_ne!(successor, victim);
    let death = deaths.try_recv().expect("the pool reports the death");
    assert_eq!((death.pid, death.successor), (victim, successor));
    assert_eq!((death.task, death.given_up), (Some("block"), false));
}

#[test]
fn a_task_that_kills_its_workers_is_given_up() {
    let (sender, deaths) = mpsc::channel();
    let pool = builder(1).on_death(move |death| {
        sender.send(death.to_string()).unwrap();
        panic!("as this test wants");
    });
    let pool = pool.build().unwrap();
    let poison = pool.apply_async(&EXIT, 7).unwrap();
    let after = pool.apply_async(&SQUARE, 3).unwrap();
    assert_eq!(poison.get(), Err(Error::GivenUp(3)));
    assert_eq!(after.get(), Ok(9), "the other task is done");
    drop(pool);
    let ends = deaths.iter().map(|line| {
        let (worker, end) = line.split_once(", exit ").expect("its task");
        assert!(worker.contains(" ended (exit status: 7), "), "{line}");
        end.to_string()
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends, ["will run again", "will run again", "is given up"]);
}

#[test]
fn a_worker_that_cannot_be_replaced_ends_the_pool() {
    let starts = AtomicUsize::new(0);
    let pool = Pool::builder().size(1).command(move |index| {
        match starts.fetch_add(1, Relaxed) {
            0 => worker_command(index),
            _ => Err(io::Error::other("no other one")),
        }
    });
    let pool = pool.build().unwrap();
    let poison = pool.apply_async(&EXIT, 7).unwrap();
    let why = Error::NoWorker("no other one".into());
    assert_eq!(poison.get(), Err(why.clone()));
    assert_eq!(pool.apply_async(&SQUARE, 3).err(), Some(Error::Closed));
    assert_eq!(why.to_string(), "no worker: no other one");
}

#[test]
fn idle_workers_run_the_tasks_that_wait_after_a_long_one() {
    let pool = pool(2);
    let (listener, port) = listen().unwrap();
    // Nothing listens at port 0: those tasks are short, and travel together.
    let ports = (0..1000).map(|n| if n == 500 { port } else { 0 });
    let mut results = pool.imap_unordered(&BLOCK, ports, 1).unwrap();
    let blocked = listener.accept().unwrap();
    for _ in 0..999 {
        assert!(results.next().unwrap().is_ok());
    }
    drop(blocked);
    assert!(results.next().unwrap().is_ok());
    assert!(results.next().is_none());
}

#[test]
fn default_chunks_are_those_of_cpython() {
    let pool = pool(2);
    assert_eq!([0, 1, 8, 9, 100].map(|n| pool.chunk(n)), [1, 1, 1, 2, 13]);
}

#[test]
fn a_dropped_pool_leaves_no_process() {
    let pool = pool(2);
    let pids = pool.pids();
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    drop(pool);
    assert!(!pids.into_iter().any(is_alive), "each worker is reaped");
}

#[test]
fn terminate_leaves_no_process_and_no_task_without_an_error() {
    let pool = pool(2);
    let (listener, port) = listen().unwrap();
    let tasks = [port; 5].map(|port| pool.apply_async(&BLOCK, port).unwrap());
    let _blocked = listener.accept().unwrap();
    let pids = pool.pids();
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    assert_eq!(tasks[0].get_timeout(Duration::ZERO), Err(Error::Timeout));
    pool.terminate();
    pool.join().unwrap();
    for task in tasks {
        assert_eq!(task.get(), Err(Error::Terminated));
    }
    assert!(!pids.into_iter().any(is_alive), "each worker is reaped");
}

#[test]
fn close_takes_no_more_tasks_and_does_those_it_has() {
    let pool = pool(1);
    assert_eq!(pool.join(), Err(Error::StillRunning));
    let (listener, port) = listen().unwrap();
    let task = pool.apply_async(&BLOCK, port).unwrap();
    let waiting = pool.apply_async(&SQUARE, 3).unwrap();
    let blocked = listener.accept().unwrap();
    assert!(!task.ready());
    pool.close();
    assert_eq!(pool.apply_async(&SQUARE, 4).err(), Some(Error::Closed));
    drop(blocked);
    pool.join().unwrap();
    assert!(task.ready() && waiting.ready());
    assert_eq!(waiting.get(), Ok(9));
}

#[test]
fn the_default_size_is_the_number_of_usable_cores() {
    let pool = Pool::builder().command(|_| Err(io::Error::other("none")));
    let none = pool.build().err();
    assert_eq!(none, Some(Error::NoWorker("none".into())));
    let cores = thread::available_parallelism().unwrap().get();
    assert_eq!(process_pool::usable_cores(), cores);
}

#[test]
fn a_program_that_does_not_serve_is_no_worker() {
    let pool = Pool::builder().size(1).command(|_| Ok(Command::new("true")));
    assert!(matches!(pool.build().err(), Some(Error::NoWorker(_))));
}

#[test]
fn many_results_that_take_no_memory_come_back() {
    let pool = pool(2);
    let nothing = pool.map(&NOTHING, 0..70_000, 70_000).unwrap();
    assert_eq!(nothing.len(), 70_000);
    assert_eq!(pool.map(&PID, [(); 70_000], 70_000).unwrap().len(), 70_000);
}

#[derive(serde::Deserialize)]
struct Even;

impl serde::Serialize for Even {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..4).filter(|n| n % 2 == 0))
    }
}

#[test]
fn an_argument_that_cannot_be_serialized_is_an_error() {
    let pool = pool(1);
    let error = pool.apply_async(&EVEN, Even).err().unwrap();
    assert!(error.to_string().contains("cannot be serialized"), "{error}");
    assert_eq!(pool.map(&SQUARE, [3], 1).unwrap(), [9]);
}
