//! What our masters and workers do in a measurement, wherever their queues
//! are.

use std::env;
use std::error::Error;
use std::io::{self, Read, stdin};
use std::process;
use std::thread;
use std::time::Duration;

use pymanagers::{Key, Value};
use task_farm::{
    Done, FarmServer, JobOwner, MemoryJob, Report, Task, TaskSource,
};

/// As long as the benchmark takes, if need be.
pub const LONG: Duration = Duration::from_secs(60);

pub fn key() -> Result<Key, env::VarError> {
    Ok(Key::from(env::var("LESSON_AUTHKEY")?.as_str()))
}

pub fn tasks(count: u64) -> Vec<Task> {
    let all = (0..count).map(|id| Task { id, body: (id as i64).into() });
    all.collect()
}

/// Opens a job of this process to others, and says where it is.
pub fn open_to_workers(job: MemoryJob) -> Result<FarmServer, Box<dyn Error>> {
    let server = FarmServer::builder(job).task_of(task_of);
    let server = server.open("127.0.0.1:0", key()?)?;
    println!("{}", server.address());
    Ok(server)
}

/// As in the lesson.
fn task_of(result: &Value) -> Option<Value> {
    let (n, rest) = result.as_str()?.split_once(' ')?;
    let names = rest.starts_with(&format!("* {n} = "));
    n.parse::<i64>().ok().filter(|_| names).map(Value::from)
}

/// Until each task has its result; then says `done`.
pub fn collect(
    job: &mut dyn JobOwner,
    tasks: u64,
) -> Result<(), task_farm::Error> {
    let mut brought = 0;
    while brought < tasks {
        for report in job.collect(LONG)? {
            let Report::Done(Done { task, result }) = report else {
                panic!("no result: {report:?}");
            };
            let named = task_of(&result).and_then(|body| body.as_int());
            assert_eq!(named, Some(task.cast_signed()), "{result}");
            brought += 1;
        }
    }
    println!("done");
    Ok(())
}

pub fn until_nobody_wants_us() -> io::Result<()> {
    stdin().read_to_end(&mut Vec::new()).map(drop)
}

pub fn until_all_are_ready() -> io::Result<()> {
    println!("ready");
    stdin().read_line(&mut String::new()).map(drop)
}

/// Works until there is nothing left, or no process wants us any more.
pub fn work(
    farm: &mut dyn TaskSource,
    batch: usize,
) -> Result<(), Box<dyn Error>> {
    until_all_are_ready()?;
    thread::spawn(|| {
        let _ = until_nobody_wants_us();
        process::exit(0);
    });
    let mut done = Vec::new();
    loop {
        let leases = farm.exchange(&done, batch, LONG)?;
        if leases.is_empty() {
            return Ok(());
        }
        let finished = leases.into_iter().map(|lease| {
            let n = lease.task.body.as_int().expect("a number");
            let result = format!("{n} * {n} = {}", n * n).into();
            Done { task: lease.task.id, result }
        });
        done = finished.collect();
    }
}
