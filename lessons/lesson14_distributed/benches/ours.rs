//! Our master and our worker, as `bench.py` has CPython's.

use std::env;
use std::error::Error;
use std::io::{self, Read, stdin};
use std::thread;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{Done, Farm, Host, Local, Remote, Task};
use lesson14_distributed::managers::{Client, Key, Value};

/// As long as the benchmark takes, if need be.
const LONG: Duration = Duration::from_secs(60);

fn key() -> Result<Key, env::VarError> {
    Ok(Key::from(env::var("LESSON_AUTHKEY")?.as_str()))
}

pub fn master(tasks: u64) -> Result<(), Box<dyn Error>> {
    let mut farm = Local::new(Some(LONG));
    let all = (0..tasks).map(|id| Task { id, body: (id as i64).into() });
    farm.put(&all.collect::<Vec<_>>())?;
    let host = Host::open(farm, "127.0.0.1:0", key()?, belongs, |_| ())?;
    println!("{}", host.address());
    let mut farm = host.farm();
    thread::spawn(move || {
        let mut brought = 0;
        while brought < tasks {
            let results = farm.collect(LONG).expect("it is in this process");
            for Done { task, result } in &results {
                assert!(belongs(&(*task as i64).into(), result), "{result}");
            }
            brought += results.len() as u64;
        }
        println!("done");
    });
    until_nobody_wants_us()?;
    host.close(LONG);
    Ok(())
}

/// As in the lesson.
fn belongs(task: &Value, result: &Value) -> bool {
    let n = task.to_string();
    let result = result.as_str().unwrap_or_default();
    result.starts_with(&format!("{n} * {n} = "))
}

pub fn until_nobody_wants_us() -> io::Result<()> {
    stdin().read_to_end(&mut Vec::new()).map(drop)
}

pub fn until_all_are_ready() -> io::Result<()> {
    println!("ready");
    stdin().read_line(&mut String::new()).map(drop)
}

pub fn worker(address: &str) -> Result<(), Box<dyn Error>> {
    let mut farm = Remote::connect(address, &key()?)?;
    until_all_are_ready()?;
    let mut done = Vec::new();
    loop {
        let loans = farm.exchange(&done, 1, LONG)?;
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

pub fn connect(address: &str, times: usize) -> Result<(), Box<dyn Error>> {
    let key = key()?;
    for _ in 0..times {
        let start = Instant::now();
        let _client = Client::connect(address, &key)?;
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(())
}
