//! Jobs that are cleared, or half cleared; and what a user sees after
//! a mistake when the server was started.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use futures_util::{StreamExt, TryStreamExt};
use harness::Background;
use nats_cluster::{Cluster, ClusterBuilder};
use nix::sys::signal::Signal::{SIGINT, SIGKILL};
use task_farm::{
    Done, Error, JobOwner, JobSettings, NatsAddress, NatsJob, Report, Task,
    TaskSource,
};
use tokio::runtime::Runtime;

use super::engine::{
    DEADLINE, Job, assert_once, one_server, past_the_farm, plan,
};
use super::processes::{assert_failure, lesson};
use super::proxy::between;

const NOW: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(600);

fn address() -> NatsAddress {
    one_server().url().parse().expect("an address")
}

fn create(job: &str) -> NatsJob {
    let settings = JobSettings { lease: LONG, tries: 5, replicas: 1 };
    NatsJob::create(&address(), job, settings).expect("a job")
}

fn open(job: &str) -> NatsJob {
    NatsJob::open(&address(), job).expect("it is there")
}

fn tasks(ids: std::ops::Range<u64>) -> Vec<Task> {
    ids.map(|id| Task { id, body: (id as i64).into() }).collect()
}

fn done(task: u64, result: &str) -> Done {
    Done { task, result: result.into() }
}

#[test]
#[ignore = "needs nats-server"]
fn what_an_old_worker_says_is_ignored() {
    let job = "lives";
    let mut master = create(job);
    let mut worker = open(job);
    master.put(&tasks(0..3)).unwrap();
    let old = worker.take(3, NOW).unwrap();
    assert_eq!(old.len(), 3);
    open(job).remove().unwrap();
    let mut master = create(job);
    assert_eq!(master.put(&tasks(0..3)), Ok(3));
    let late = worker.complete(&[done(0, "old")]);
    let cleared = Error::Cleared("the job lives has been cleared".into());
    assert_eq!(late, Err(cleared.clone()));
    worker.extend(&old).unwrap();
    worker.release(&old).unwrap();
    assert_eq!(worker.take(1, LONG), Err(cleared.clone()));
    assert_eq!(master.collect(NOW), Ok(vec![]));
    let new = open(job).take(9, NOW).unwrap();
    assert_eq!(new.len(), 3, "all are there");
    open(job).remove().unwrap();
    create(job);
    assert_eq!(master.collect(LONG), Err(cleared));
}

#[test]
#[ignore = "needs nats-server"]
fn a_half_cleared_job_can_be_cleared() {
    let job = "half";
    create(job).put(&tasks(0..3)).unwrap();
    Runtime::new().unwrap().block_on(async {
        let engine = past_the_farm().await;
        engine.delete_stream("half_results").await.expect("it is there");
    });
    let settings = JobSettings { lease: LONG, tries: 5, replicas: 1 };
    let again = NatsJob::create(&address(), job, settings).map(drop);
    let why = "the job half is half cleared: clear it";
    assert_eq!(again, Err(Error::Failed(why.into())));
    open(job).remove().unwrap();
    assert_eq!(create(job).put(&tasks(0..3)), Ok(3));
}

/// A stream of another program, which happens to have this name.
#[test]
#[ignore = "needs nats-server"]
fn a_stream_that_is_no_job_is_left_alone() {
    let stream = async || {
        let engine = past_the_farm().await;
        engine.get_stream("foreign_tasks").await.map(drop)
    };
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = past_the_farm().await;
        let config = async_nats::jetstream::stream::Config {
            name: "foreign_tasks".into(),
            subjects: vec!["orders.*".into()],
            ..Default::default()
        };
        engine.create_stream(config).await.expect("a stream");
    });
    let what = "the stream foreign_tasks is there, and is no job of ours: \
                take another name";
    let refused = Err(Error::Failed(what.into()));
    let settings = JobSettings { lease: LONG, tries: 5, replicas: 1 };
    let created = NatsJob::create(&address(), "foreign", settings);
    assert_eq!(created.map(drop), refused);
    assert_eq!(NatsJob::open(&address(), "foreign").map(drop), refused);
    runtime.block_on(stream()).expect("it is still there");
}

#[test]
#[ignore = "needs nats-server"]
fn several_may_clear_a_job_at_once() {
    for _ in 0..5 {
        create("several").put(&tasks(0..3)).unwrap();
        let all = [(); 3].map(|()| open("several"));
        thread::scope(|s| {
            let all = all.map(|mut farm| s.spawn(move || farm.remove()));
            for removed in all {
                assert_eq!(removed.join().unwrap(), Ok(()));
            }
        });
    }
}

#[test]
#[ignore = "needs nats-server"]
fn masters_that_come_at_once_have_one_job() {
    thread::scope(|s| {
        let all = [(); 4].map(|()| s.spawn(|| create("at-once")));
        let all = all.map(|master| master.join().unwrap());
        for (mut master, new) in all.into_iter().zip([3, 0, 0, 0]) {
            assert_eq!(master.put(&tasks(0..3)), Ok(new));
        }
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_result_that_was_lost_on_its_way_is_read_again() {
    let mut farm = create("gap");
    farm.put(&tasks(0..3)).unwrap();
    farm.take(3, NOW).unwrap();
    assert_eq!(farm.collect(NOW), Ok(vec![]), "its reader is there");
    farm.complete(&[done(0, "a")]).unwrap();
    Runtime::new().unwrap().block_on(async {
        let engine = past_the_farm().await;
        let stream = engine.get_stream("gap_results").await.unwrap();
        let names: Vec<_> =
            stream.consumer_names().try_collect().await.unwrap();
        let reader: PullConsumer =
            stream.get_consumer(&names[0]).await.expect("the reader");
        let mut stolen =
            reader.fetch().max_messages(1).messages().await.unwrap();
        assert!(stolen.next().await.is_some());
    });
    farm.complete(&[done(1, "b"), done(2, "c")]).unwrap();
    let mut all = Vec::new();
    while all.len() < 3 {
        let more = farm.collect(LONG).unwrap();
        assert!(!more.is_empty(), "one is missing: {all:?}");
        all.extend(more);
    }
    let done = [done(0, "a"), done(1, "b"), done(2, "c")];
    assert_eq!(all, done.map(Report::Done));
}

/// It has done a task of a job that is cleared meanwhile, and made anew.
#[test]
#[ignore = "needs nats-server"]
fn what_a_worker_has_done_is_not_handed_to_the_next_job() {
    let job = Job::new(one_server(), "next", 0);
    let args = ["--tasks", "1", "--lease", "10000"];
    let master = job.master(&[&args[..], &["--seed", "1"]].concat());
    let mut worker = job.worker(&["--retry", "--delay", "20"]);
    worker.wait_for(super::RUN);
    master.signal(SIGKILL);
    master.end();
    job.by_hand().remove().expect("it is there");
    let args = [&args[..], &["--seed", "2"]].concat();
    let master = job.master(&args);
    let run = assert_once(master, vec![worker], 1);
    run.one("{*}results dropped: 0{*}");
}

/// Passes on all but the first piece that has these words, and breaks the
/// connection there.
fn lose_one(
    mut from: TcpStream,
    mut to: TcpStream,
    words: &str,
    lost: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = [0; 1 << 16];
    loop {
        let read = from.read(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..read]);
        let loses = text.contains(words) && !lost.swap(true, Relaxed);
        if read == 0 || loses || to.write_all(&buffer[..read]).is_err() {
            from.shutdown(Shutdown::Both)?;
            return to.shutdown(Shutdown::Both);
        }
    }
}

#[test]
#[ignore = "needs nats-server"]
fn what_was_stored_is_new_and_stored_once_without_an_answer() {
    let job = "answers";
    create(job);
    let url = one_server().url();
    let server = url.split('@').nth(1).unwrap().parse().unwrap();
    let through = |answer: &'static str| -> NatsJob {
        let lost = Arc::new(AtomicBool::new(false));
        let proxy =
            between(server, move |from, to| lose_one(from, to, answer, &lost));
        let proxy = proxy.to_string();
        let url = url.replace(&server.to_string(), &proxy);
        NatsJob::open(&url.parse().unwrap(), job).expect("it is there")
    };
    let mut master = through("\"stream\":\"answers_tasks\"");
    assert_eq!(master.put(&tasks(0..3)), Ok(3), "all are new");
    let mut worker = through("\"stream\":\"answers_results\", \"seq\":3");
    let leases = worker.take(3, NOW).unwrap();
    let all = [0, 1, 2].map(|id| done(id, "done"));
    assert_eq!(leases.len(), 3);
    worker.complete(&all).unwrap();
    assert_eq!(open(job).stats().unwrap().done, 3);
    assert_eq!(open(job).collect(NOW), Ok(all.map(Report::Done).into()));
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_with_a_batch_gives_up_a_lost_server_too() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "batch", 0);
    let args = ["--tasks", "20", "--lease", "2", "--seed", "1"];
    let mut master = job.master(&args);
    let batch = ["--batch", "10", "--delay", "10"];
    let mut workers = [(); 2].map(|()| job.worker(&batch));
    for worker in &mut workers {
        worker.wait_for(super::RUN);
    }
    server.kill(0).expect("its keeper");
    for worker in workers {
        assert_failure(worker.end(), "{*}: worker: no queue: {*}");
    }
    master.signal(SIGINT);
    master.wait_for("{*}: master: {*}");
    master.end();
    server.start(0).expect("it comes back");
    assert_once(job.master(&args), job.workers("0"), 20);
}

/// A server with these lines in its configuration.
fn start(config: &str) -> Cluster {
    let builder = ClusterBuilder::new(1).config(config);
    builder.start().expect("a server")
}

fn with_users(users: &str) -> Cluster {
    start(&format!("authorization {{ users: [ {users} ] }}"))
}

fn url(server: &Cluster, user: &str) -> String {
    format!("nats://{user}{}", server.address(0))
}

fn command(server: &Cluster, role: &str, user: &str) -> Background {
    let args = [role, "--queue", &url(server, user), "--job", "special"];
    Background::start(&mut lesson(&args)).deadline(DEADLINE)
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_without_jetstream_is_told_so() {
    let server = start("jetstream: disabled");
    for role in ["master", "worker", "status"] {
        let line = "{*}: no queue: nats://127.0.0.1:{port} has no JetStream: \
                    start nats-server with -js";
        assert_failure(command(&server, role, "").end(), line);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_user_who_may_not_is_told_so() {
    let server = with_users(
        "{ user: anna, password: abc, permissions: { publish: \
         { deny: [\"*.*.t.*\"] } } }",
    );
    let line = "{*}: master: {*}ermissions {*}iolation {*}";
    assert_failure(command(&server, "master", "anna:abc@").end(), line);
}

/// The results go first: as long as the tasks are there, there is a job.
#[test]
#[ignore = "needs nats-server"]
fn what_could_not_be_cleared_can_still_be_found() {
    let server = with_users(
        "{ user: anna, password: abc }, \
         { user: bob, password: xyz, permissions: { publish: \
         { deny: [\"$JS.API.STREAM.DELETE.special_results\"] } } }",
    );
    let url = url(&server, "anna:abc@");
    let settings = JobSettings { lease: LONG, tries: 5, replicas: 1 };
    let farm = NatsJob::create(&url.parse().unwrap(), "special", settings);
    farm.unwrap().put(&tasks(0..3)).unwrap();
    let line = "{*}: clear: {*}ermissions {*}iolation {*}";
    assert_failure(command(&server, "clear", "bob:xyz@").end(), line);
    let run = command(&server, "status", "anna:abc@").end();
    run.one("special: 3 waiting, 0 out, 0 done, {*}");
}
