//! Three nats-servers, of which the leading one is killed, a master and four
//! workers, all of them on this machine.
//!
//! Run: `cargo run -p lesson14_distributed --features nats --example cluster`

use std::env;
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use nats_cluster::ClusterBuilder;
use task_farm::{JobSettings, Report, Task, Worker, create_job};

const JOB: &str = "cluster";

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = env::args().nth(1).map_or(Ok(40), |text| text.parse())?;
    let mut servers = ClusterBuilder::new(3).start()?;
    println!("three nats-servers {}", servers.version());
    let url = format!("{}/{JOB}", servers.url());
    let lease = Duration::from_secs(60);
    let tries = 5;
    let settings = JobSettings { lease, tries, replicas: 3 };
    let mut job = create_job(&url, b"", settings)?;
    let task = |id: u64| Task { id, body: id.cast_signed().into() };
    job.put(&(0..tasks).map(task).collect::<Vec<_>>())?;
    let workers = [(); 4].map(|()| {
        let worker = Worker::connect(&url, b"");
        thread::spawn(move || {
            worker.run_values(|lease| {
                thread::sleep(Duration::from_millis(500));
                let n = lease.task.body.as_int().ok_or("not a number")?;
                Ok((n * n).into())
            })
        })
    });
    let mut done = vec![0; tasks as usize];
    let mut stall = Duration::ZERO;
    let mut latest = Instant::now();
    let mut killed = false;
    while done.contains(&0) {
        for report in job.collect(Duration::from_secs(1))? {
            let Report::Done(result) = report else {
                return Err(format!("no result: {report:?}").into());
            };
            done[result.task as usize] += 1;
            if killed {
                stall = stall.max(latest.elapsed());
            }
            latest = Instant::now();
        }
        let count = done.iter().filter(|results| **results > 0).count();
        if !killed && count >= tasks as usize / 2 {
            let leader = servers.leader(&format!("{JOB}_tasks"))?;
            let leader = leader.ok_or("no server leads")?;
            println!("{count} results; server {} leads: I kill it", leader + 1);
            servers.kill(leader)?;
            (killed, latest) = (true, Instant::now());
        }
    }
    job.close()?; // The workers exit.
    for worker in workers {
        worker.join().expect("it does not panic")?;
    }
    println!("after that no result came for {:.1} s", stall.as_secs_f64());
    if done.iter().any(|results| *results != 1) {
        return Err("not every task has one result".into());
    }
    println!("{tasks} results, each once: nothing is lost");
    Ok(())
}
