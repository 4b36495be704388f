//! Servers that go, come back, stand still, are full, or forget: nothing is
//! lost, and after the cure the job continues.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use async_nats::jetstream::consumer::{FromConsumer, PullConsumer, pull};
use async_nats::jetstream::stream::{RetentionPolicy, Stream};
use futures_util::TryStreamExt;
use nix::sys::signal::Signal::{SIGKILL, SIGTERM};
use task_farm::{Error, JobOwner, JobSettings, NatsAddress, NatsJob, Task};

use super::engine::{
    Job, SOON, assert_once, left_out, one_server, past_the_farm, plan,
};
use super::errors::assert_one_line;
use super::processes::given_out_again;
use super::{RESULT, RUN};

#[test]
#[ignore = "needs nats-server"]
fn a_server_may_go_and_come_back() {
    let mut server = plan(1).start().expect("a server");
    for stop in [false, true] {
        let job = Job::new(&server, "gone", usize::from(stop));
        let mut master = job.master(&["--tasks", "60", "--lease", "3"]);
        let workers = job.workers("1");
        for _ in 0..10 {
            master.wait_for(RESULT);
        }
        let done = if stop { server.stop(0) } else { server.kill(0) };
        done.expect("its keeper");
        std::thread::sleep(Duration::from_secs(2));
        server.start(0).expect("it comes back");
        assert_once(master, workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_that_does_not_come_back_is_given_up() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "given-up", 0);
    let args = ["--tasks", "60", "--lease", "3", "--seed", "1"];
    let mut master = job.master(&args);
    let mut workers = job.workers("1");
    for worker in &mut workers {
        worker.wait_for(RUN); // It has found the server.
    }
    master.wait_for(RESULT);
    server.kill(0).expect("its keeper");
    let missing = "{*}: master: no queue: {*} with {n} of 60 results";
    assert_one_line(master, missing);
    for worker in workers {
        assert_one_line(worker, "{*}: worker: no queue: {*}");
    }
    server.start(0).expect("it comes back");
    assert_once(job.master(&args), job.workers("1"), 60);
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_waits_gives_up_a_lost_server() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "waits", 0);
    let mut master = job.master(&["--tasks", "1"]);
    let held = job.hold();
    let worker = job.worker(&[]);
    master.wait_for("master ({M}): {*} workers: 2");
    server.kill(0).expect("its keeper");
    assert_one_line(worker, "{*}: worker: no queue: {*}");
    drop(held);
}

/// By workers that would wait for it, too.
#[test]
#[ignore = "needs nats-server"]
fn a_server_that_comes_back_with_another_key_is_given_up() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "other-key", 0);
    let mut master = job.master(&["--tasks", "1", "--lease", "3"]);
    let mut works = job.worker(&["--retry", "--delay", "10000"]);
    works.wait_for(RUN);
    let waits = job.worker(&["--retry"]);
    master.wait_for("master ({M}): {*} workers: 2");
    server.kill(0).expect("its keeper");
    server.set_password("other").expect("its configuration");
    server.start(0).expect("it comes back");
    for process in [master, works, waits] {
        let run = process.end();
        run.one("{*}: {*}: the server says: authorization violation{*}");
        assert_eq!(run.code, Some(1));
    }
}

/// It was done while no server was there to take it.
#[test]
#[ignore = "needs nats-server"]
fn a_result_waits_for_the_server_to_come_back() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "handed-in", 0);
    let args = ["--tasks", "2", "--seed", "1", "--lease", "10000"];
    let master = job.master(&args);
    let mut worker = job.worker(&["--retry", "--delay", "10"]);
    worker.wait_for(RUN);
    server.kill(0).expect("its keeper");
    worker.wait_for("worker ({P}): no queue: {*}; I wait for the queue");
    drop(master); // It may have given up by now, and it may not.
    server.start(0).expect("it comes back");
    let master = job.master(&args).deadline(SOON);
    let run = assert_once(master, vec![worker], 2);
    assert_eq!(given_out_again(&run), 0.0);
}

/// They end although no server answers, and say what was not given back.
#[test]
#[ignore = "needs nats-server"]
fn a_frozen_server_does_not_hold_a_worker_that_is_stopped() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "frozen", 0);
    // Also on a busy machine the leases last until the worker is stopped.
    let args = ["--tasks", "20", "--seed", "1", "--lease", "10"];
    let master = job.master(&args).deadline(SOON);
    let batch = ["--batch", "5", "--delay", "40"];
    let mut worker = job.worker(&batch).deadline(SOON);
    worker.wait_for(RUN);
    server.freeze(0).expect("it runs");
    worker.signal(SIGTERM);
    let lost = "the worker was stopped; 5 tasks could not be given back";
    assert_one_line(worker, &format!("{{*}}: worker: {lost}"));
    master.signal(SIGTERM);
    let stopped = "{*}: master: the master was stopped with 0 of 20 results";
    assert_one_line(master, stopped);
    server.thaw(0).expect("it is there");
    assert_once(job.master(&args), job.workers("0"), 20);
}

/// The stream of a job's tasks, and the consumer that delivers them.
async fn tasks_of(job: &Job) -> (Stream, String) {
    let engine = past_the_farm().await;
    let names: Vec<_> = engine.stream_names().try_collect().await.unwrap();
    for name in names.iter().filter(|it| it.starts_with(&job.name)) {
        let stream = engine.get_stream(name).await.unwrap();
        let config = &stream.cached_info().config;
        if config.retention == RetentionPolicy::WorkQueue {
            let consumers = stream.consumer_names().try_collect::<Vec<_>>();
            let consumer = consumers.await.unwrap().remove(0);
            return (stream, consumer);
        }
    }
    panic!("{} has no tasks", job.name);
}

#[test]
#[ignore = "needs nats-server"]
fn tasks_that_the_engine_has_lost_are_put_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = Job::new(one_server(), "lost", 0);
    let mut master = job.master(&["--tasks", "3"]).deadline(SOON);
    runtime.block_on(async {
        let (stream, _) = tasks_of(&job).await;
        stream.purge().await.unwrap();
    });
    master.wait_for(PUT_AGAIN);
    assert_once(master, vec![job.worker(&["--delay", "0"])], 3);
}

const PUT_AGAIN: &str = "master ({M}): 3 tasks were lost: put again";

/// It has them, but delivers them to no worker any more.
#[test]
#[ignore = "needs nats-server"]
fn tasks_that_the_engine_forgets_to_lend_are_put_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = Job::new(one_server(), "forgotten", 0);
    let mut master = job.master(&["--tasks", "3"]).deadline(SOON);
    let (stream, consumer) = runtime.block_on(tasks_of(&job));
    let consumer = runtime.block_on(stream.consumer_info(consumer)).unwrap();
    let usual =
        pull::Config::try_from_consumer_config(consumer.config).unwrap();
    let lend = |config| {
        runtime.block_on(replace_consumer(&stream, &consumer.name, config))
    };
    let subject = &stream.cached_info().config.subjects[0];
    let filter_subject = subject.replace(['*', '>'], "nothing");
    lend(pull::Config { filter_subject, ..usual.clone() });
    master.wait_for(PUT_AGAIN);
    lend(usual);
    assert_once(master, vec![job.worker(&["--delay", "0"])], 3);
}

async fn replace_consumer(
    stream: &Stream,
    consumer: &str,
    config: pull::Config,
) {
    stream.delete_consumer(consumer).await.unwrap();
    let _: PullConsumer = stream.create_consumer(config).await.unwrap();
}

/// Fills the servers with another job's tasks until there is no room left.
fn fill(job: &Job, name: &str) -> NatsJob {
    let address: NatsAddress = job.url.parse().expect("an address");
    let settings =
        JobSettings { lease: Duration::from_secs(60), tries: 5, replicas: 1 };
    let mut farm = NatsJob::create(&address, name, settings).expect("a job");
    for id in 0..10_000 {
        let body = "x".repeat(1 << (16 - (id / 200).min(10))).as_str().into();
        match farm.put(&[Task { id, body }]) {
            Ok(_) => {}
            Err(Error::Failed(why)) => {
                assert!(why.starts_with("the server has no room"), "{why}");
                return farm;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("it is never full");
}

const NO_ROOM: &str = "{*}: {role}: the server has no room: {*}";

#[test]
#[ignore = "needs nats-server"]
fn a_full_server_says_so() {
    let server = plan(1).room(4 << 20).start().expect("a server");
    let job = Job::new(&server, "full", 0);
    let args = ["--tasks", "1000", "--seed", "1", "--lease", "2"];
    let mut other = fill(&job, "other");
    assert_one_line(job.begin_master(&args), NO_ROOM);
    other.remove().expect("it is there");
    let mut master = job.master(&args);
    // Now the results find no room.
    let mut other = fill(&job, "other");
    let fast = ["--delay", "0", "--batch", "10", "--quiet"];
    assert_one_line(job.worker(&fast), NO_ROOM);
    other.remove().expect("it is there");
    let workers = vec![job.worker(&fast), job.worker(&fast)];
    master.wait_for(RESULT);
    assert_once(master, workers, 1000);
}

/// A small disk in memory, for as long as this lives.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` when we may not.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        if !cfg!(target_os = "linux") {
            return None;
        }
        let size = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(folder.path());
        let mounted = mount.output().is_ok_and(|it| it.status.success());
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_full_disk_loses_nothing() {
    let Some(disk) = Disk::mount("16m") else {
        left_out("a full disk, as only root may mount one on Linux");
        return;
    };
    let mut server = plan(1).folder(disk.path()).start().expect("a server");
    let job = Job::new(&server, "disk", 0);
    let args = ["--tasks", "2000", "--seed", "1", "--lease", "2"];
    let master = job.master(&args);
    let filler = disk.path().join("filler");
    let _ = fs::write(&filler, vec![b'x'; 17 << 20]); // It is cut off.
    let fast = ["--delay", "0", "--batch", "10", "--quiet"];
    let why = assert_one_line(job.worker(&fast), "{*}: worker: {*}");
    // From 2.15 on, the server only tells its log.
    let parts = ["the server has no room", "(is its disk full?)"];
    assert!(parts.iter().any(|part| why.contains(part)), "{why}");
    fs::remove_file(&filler).expect("it is there");
    master.signal(SIGKILL);
    server.stop(0).expect("its keeper");
    server.start(0).expect("it comes back");
    let workers = vec![job.worker(&fast), job.worker(&fast)];
    assert_once(job.master(&args), workers, 2000);
    drop(server); // Before its disk.
}
