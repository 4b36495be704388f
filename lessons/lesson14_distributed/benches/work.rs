//! What our masters and workers do in a measurement, wherever their queues
//! are.

use std::env;
use std::error::Error;
use std::io::{self, Read, stdin};
use std::process;
use std::thread;
use std::time::Duration;

use lesson14_distributed::farm::{self, Done, Farm, Host, Local, Task};
use pymanagers::{Key, Value};

/// As long as the benchmark takes, if need be.
pub const LONG: Duration = Duration::from_secs(60);

pub fn key() -> Result<Key, env::VarError> {
    Ok(Key::from(env::var("LESSON_AUTHKEY")?.as_str()))
}

pub fn tasks(count: u64) -> Vec<Task> {
    let all = (0..count).map(|id| Task { id, body: (id as i64).into() });
    all.collect()
}

/// Opens a farm of this process to others, and says where it is.
pub fn open_to_workers(farm: Local) -> Result<Host, Box<dyn Error>> {
    let host = Host::open(farm, "127.0.0.1:0", key()?, belongs, |_| ())?;
    println!("{}", host.address());
    Ok(host)
}

/// As in the lesson.
fn belongs(task: &Value, result: &Value) -> bool {
    let n = task.to_string();
    let result = result.as_str().unwrap_or_default();
    result.starts_with(&format!("{n} * {n} = "))
}

/// Until each task has its result; then says `done`.
pub fn collect(farm: &mut dyn Farm, tasks: u64) -> Result<(), farm::Error> {
    let mut brought = 0;
    while brought < tasks {
        let results = farm.collect(LONG)?;
        for Done { task, result } in &results {
            assert!(belongs(&(*task as i64).into(), result), "{result}");
        }
        brought += results.len() as u64;
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

/// Works until there is nothing left, or nobody wants us any more.
pub fn work(farm: &mut dyn Farm, batch: usize) -> Result<(), Box<dyn Error>> {
    until_all_are_ready()?;
    thread::spawn(|| {
        let _ = until_nobody_wants_us();
        process::exit(0);
    });
    let mut done = Vec::new();
    loop {
        let loans = farm.exchange(&done, batch, LONG)?;
        if loans.is_empty() {
            return Ok(());
        }
        let finished = loans.into_iter().map(|loan| {
            let n = loan.task.body.as_int().expect("a number");
            let result = format!("{n} * {n} = {}", n * n).into();
            Done { task: loan.task.id, result }
        });
        done = finished.collect();
    }
}
