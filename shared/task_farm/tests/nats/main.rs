//! What only an engine has: a login, limits, a line that is slow, a process
//! that dies between two of its messages.

#![cfg(all(unix, feature = "nats"))]

mod limits;
mod login;
mod slow_line;

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use async_nats::jetstream;
use nats_cluster::{Cluster, ClusterBuilder};
use slow_line::slow_line;
use task_farm::{
    Done, JobOwner, JobSettings, Lease, NatsAddress, NatsJob, Report, Task,
    TaskSource, Value,
};
use tokio::runtime::Runtime;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(400);

/// A wait that is long enough for whatever is to come.
const SOON: Duration = Duration::from_secs(30);

/// One server for all tests here, each with a job of its own.
fn server() -> &'static Cluster {
    static SERVER: OnceLock<Cluster> = OnceLock::new();
    SERVER
        .get_or_init(|| ClusterBuilder::new(1).start().expect("a nats-server"))
}

fn create(job: &str, lease: Duration) -> NatsJob {
    let address: NatsAddress = server().url().parse().expect("an address");
    let settings = JobSettings { lease, tries: 5, replicas: 1 };
    NatsJob::create(&address, job, settings).expect("a job")
}

/// A handle of the job, over a line that carries so many bytes a second.
fn open_slow(job: &str, speed: usize) -> NatsJob {
    let address = slow_line(server().address(0), speed);
    let address = format!("nats://{address}").parse().expect("an address");
    NatsJob::open(&address, job).expect("the job")
}

fn open(job: &str) -> NatsJob {
    let address = server().url().parse().expect("an address");
    NatsJob::open(&address, job).expect("the job")
}

fn tasks(count: u64, bytes: usize) -> Vec<Task> {
    let body = Value::Bytes(vec![7; bytes]);
    (0..count).map(|id| Task { id, body: body.clone() }).collect()
}

fn done(leases: &[Lease], bytes: usize) -> Vec<Done> {
    let result = Value::Bytes(vec![8; bytes]);
    let done = leases.iter().map(|lease| {
        let result = result.clone();
        Done { task: lease.task.id, result }
    });
    done.collect()
}

/// Takes all tasks, a batch at a time, and does none twice.
fn take_all(worker: &mut NatsJob, count: usize, batch: usize) -> Vec<Lease> {
    let mut leases = Vec::new();
    while leases.len() < count {
        let more = worker.take(batch, SOON).unwrap();
        assert!(!more.is_empty(), "{} of {count} came", leases.len());
        leases.extend(more);
    }
    assert!(leases.iter().all(|lease| lease.delivery_count == 1));
    leases
}

fn collect_all(owner: &mut NatsJob, count: usize) {
    let mut came = Vec::new();
    while came.len() < count {
        let more = owner.collect(SOON).unwrap();
        assert!(!more.is_empty(), "{} of {count} came", came.len());
        came.extend(more.into_iter().map(|report| match report {
            Report::Done(done) => done.task,
            other => panic!("no result: {other:?}"),
        }));
    }
    came.sort_unstable();
    assert!(came.into_iter().eq(0..count as u64), "each once");
}

#[test]
#[ignore = "needs nats-server"]
fn large_results_arrive_on_an_ordinary_line() {
    let mut job = create("large-results", LONG);
    job.put(&tasks(1000, 1)).unwrap();
    let leases = take_all(&mut job, 1000, 1000);
    job.complete(&done(&leases, 20_000)).unwrap();
    collect_all(&mut open_slow("large-results", 10_000_000), 1000);
}

#[test]
#[ignore = "needs nats-server"]
fn large_tasks_arrive_on_an_ordinary_line() {
    let mut job = create("large-tasks", LONG);
    job.put(&tasks(100, 500_000)).unwrap();
    let mut worker = open_slow("large-tasks", 12_500_000);
    take_all(&mut worker, 100, 100);
    assert_eq!(job.stats().unwrap().redelivered, 0);
}

#[test]
#[ignore = "needs nats-server"]
fn small_tasks_and_results_arrive_on_a_slow_line() {
    let mut job = create("slow-line", LONG);
    job.put(&tasks(3000, 1)).unwrap();
    let mut worker = open_slow("slow-line", 60_000);
    let leases = take_all(&mut worker, 3000, 3000);
    worker.complete(&done(&leases, 1)).unwrap();
    collect_all(&mut open_slow("slow-line", 60_000), 3000);
    let stats = job.stats().unwrap();
    assert_eq!((stats.done, stats.duplicates, stats.redelivered), (3000, 0, 0));
}

/// Its lease is not over before it has come.
#[test]
#[ignore = "needs nats-server"]
fn one_large_task_and_its_result_travel_for_seconds() {
    let mut job = create("large-task", LONG);
    job.put(&tasks(2, 500_000)).unwrap();
    let mut worker = open_slow("large-task", 60_000);
    let leases = take_all(&mut worker, 2, 1);
    worker.complete(&done(&leases, 500_000)).unwrap();
    collect_all(&mut job, 2);
    let stats = job.stats().unwrap();
    assert_eq!((stats.duplicates, stats.redelivered), (0, 0));
}

/// What a process has said that puts a task at the end and dies before it
/// settles the old message.
fn requeue_half(job: &str) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let client = async_nats::connect(server().url()).await.unwrap();
        let engine = jetstream::new(client);
        let stream = format!("{job}_tasks");
        let mut stream = engine.get_stream(stream).await.unwrap();
        let subjects = &stream.info().await.unwrap().config.subjects;
        let copy = subjects[0].replace('>', "0.1");
        let stored = engine.publish(copy, "0".into()).await.unwrap();
        stored.await.expect("it is stored");
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_task_is_done_once_though_its_requeuing_was_cut_short() {
    let mut job = create("cut-short", SHORT);
    job.put(&[Task { id: 0, body: 0.into() }]).unwrap();
    let mut dies = open("cut-short");
    assert_eq!(dies.take(1, Duration::MAX).unwrap().len(), 1);
    requeue_half("cut-short");
    thread::sleep(2 * SHORT); // Now both messages can be delivered.
    let mut worker = open("cut-short");
    let leases = worker.take(9, SOON).unwrap();
    assert_eq!(leases.len(), 1, "no other copy is made");
    assert_eq!(leases[0].delivery_count, 2);
    worker.complete(&done(&leases, 1)).unwrap();
    assert_eq!(worker.take(9, 2 * SHORT), Ok(vec![]));
    collect_all(&mut job, 1);
    let stats = job.stats().unwrap();
    assert_eq!((stats.waiting, stats.leased, stats.done), (0, 0, 1));
    assert_eq!(stats.duplicates, 0);
}

/// It is not done once more.
#[test]
#[ignore = "needs nats-server"]
fn a_task_whose_worker_dies_after_it_stored_the_result_is_only_settled() {
    let mut job = create("stored", SHORT);
    job.put(&[Task { id: 0, body: 0.into() }]).unwrap();
    let mut late = open("stored");
    let leases = late.take(1, SOON).unwrap();
    requeue_half("stored");
    // It settles its own message, and knows nothing of the other one.
    late.complete(&done(&leases, 1)).unwrap();
    assert_eq!(open("stored").take(9, SHORT), Ok(vec![]));
    let stats = job.stats().unwrap();
    assert_eq!((stats.waiting, stats.leased, stats.done), (0, 0, 1));
}
