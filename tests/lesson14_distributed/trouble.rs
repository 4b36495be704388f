//! What may go wrong with an engine: one clear line each, status 1, and
//! nothing is lost: after the cure the job goes on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::Background;
use lesson14_distributed::farm::{
    Error, Farm, JobSettings, Nats, NatsAddress, Task,
};
use nix::sys::signal::Signal::{SIGINT, SIGKILL};

use super::engine::{Job, hold_once, left_out, one_server, plan};
use super::processes::{hold_failure, lesson};
use super::{RESULT, RUN};

/// It has failed and said nothing but this, beside what belongs to its work.
#[track_caller]
fn hold_one_line(process: Background, template: &str) -> String {
    let run = process.end();
    let work = [
        "worker ({P}): Connect to server {*}...",
        "master ({M}): queues on {*}",
        "master ({M}): Put task {n}...",
        "master ({M}): Try get results...",
        "master ({M}): {n} of {all} done, {*}",
        RUN,
        RESULT,
    ];
    let work = work.iter().map(|template| run.all(template).len());
    assert_eq!(work.sum::<usize>(), run.lines.len() - 1, "{:#?}", run.lines);
    let last = run.lines[run.lines.len() - 1].clone();
    hold_failure(run, template);
    last
}

fn command(args: &[&str]) -> Background {
    Background::start(&mut lesson(args))
}

#[test]
#[ignore = "needs nats-server"]
fn nobody_comes_in_without_the_key() {
    let mut job = Job::new(one_server(), "no-key", 0);
    for login in ["anna:wrong@", "bert:abc@"] {
        let url = one_server().url().replace("anna:abc@", login);
        for role in ["master", "worker", "status", "clear"] {
            let process = job.start(&url, role, &[]);
            let why = "does not let us in: another user or key";
            let line = format!("{{*}}: {role}: nats://{{address}} {why}");
            hold_one_line(process, &line);
        }
    }
    job.url = one_server().url().replace(":abc", ""); // It knows the variable.
    let master = job.master(&["--tasks", "1"]);
    hold_once(master, vec![job.worker(&[])], 1);
}

#[test]
#[ignore = "needs nats-server"]
fn nobody_is_there() {
    for role in ["master", "worker", "status", "clear"] {
        let url = "nats://127.0.0.1:1";
        let process = command(&[role, "--queue", url, "--job", "any"]);
        let line = format!("{{*}}: {role}: {url}: no server there: {{*}}");
        hold_one_line(process, &line);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn there_is_no_such_job() {
    let job = Job::new(one_server(), "no-job", 0);
    for role in ["worker", "status", "clear"] {
        let process = job.start(&job.url, role, &[]);
        let what = "there is no job no-job-0; its master creates it";
        hold_one_line(process, &format!("{{*}}: {role}: {what}"));
    }
    let mut waits = job.worker(&["--retry"]);
    waits.wait_for("worker ({P}): there is no job {*}; I wait for the master");
    hold_once(job.master(&["--tasks", "3"]), vec![waits], 3);
}

#[test]
#[ignore = "needs nats-server"]
fn a_job_keeps_its_settings() {
    let server = plan(3).start().expect("three servers");
    let mut job = Job::new(&server, "settings", 0);
    let mut first = job.master(&["--tasks", "5", "--seed", "1"]);
    let refused = "{*}: master: the job settings-0 is there with other \
                   settings (lease 60 s, replicas 3): {*}";
    hold_one_line(job.begin_master(&["--lease", "7"]), refused);
    job.replicas = "1".into();
    hold_one_line(job.begin_master(&[]), refused);
    let worker = job.worker(&["--delay", "0"]);
    first.wait_for(RESULT);
    hold_once(first, vec![worker], 5);
    let clear = job.start(&job.url, "clear", &[]).end();
    assert_eq!(clear.lines, ["settings-0: forgotten"]);
    let again = job.master(&["--tasks", "1", "--lease", "7"]);
    hold_once(again, vec![job.worker(&[])], 1);
}

#[test]
#[ignore = "needs nats-server"]
fn one_server_holds_no_three_replicas() {
    let mut job = Job::new(one_server(), "replicas", 0);
    job.replicas = "3".into();
    let line = "{*}: master: {*}replicas{*}";
    let said = hold_one_line(job.begin_master(&[]), line);
    assert!(!said.contains("no queue"), "it knows at once: {said}");
}

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
        hold_once(master, workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_that_does_not_come_back_is_given_up() {
    let mut server = plan(1).start().expect("a server");
    let job = Job::new(&server, "given-up", 0);
    let args = ["--tasks", "60", "--lease", "3", "--seed", "1"];
    let mut master = job.master(&args);
    let workers = job.workers("1");
    master.wait_for(RESULT);
    server.kill(0).expect("its keeper");
    let missing = "{*}: master: no queue: {*} with {n} of 60 results";
    hold_one_line(master, missing);
    for worker in workers {
        hold_one_line(worker, "{*}: worker: no queue: {*}");
    }
    server.start(0).expect("it comes back");
    hold_once(job.master(&args), job.workers("1"), 60);
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_stopped_goes_on_another_day() {
    let job = Job::new(one_server(), "stopped", 0);
    let args = ["--tasks", "60", "--seed", "1"];
    let mut master = job.master(&args);
    let workers = job.workers("1");
    master.wait_for(RESULT);
    master.signal(SIGINT);
    let stopped = "{*}: master: the master was stopped with {n} of 60 results";
    hold_one_line(master, stopped);
    hold_once(job.master(&args), workers, 60);
}

/// Fills the servers with another job's tasks until there is no room left.
fn fill(job: &Job, name: &str) -> Nats {
    let address: NatsAddress = job.url.parse().expect("an address");
    let settings = JobSettings { lease: Duration::from_secs(60), replicas: 1 };
    let mut farm = Nats::create(&address, name, settings).expect("a job");
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
    let other = fill(&job, "other");
    hold_one_line(job.begin_master(&args), NO_ROOM);
    other.remove().expect("it is there");
    let mut master = job.master(&args);
    // Now the results find no room.
    let other = fill(&job, "other");
    let fast = ["--delay", "0", "--batch", "10", "--quiet"];
    hold_one_line(job.worker(&fast), NO_ROOM);
    other.remove().expect("it is there");
    let workers = vec![job.worker(&fast), job.worker(&fast)];
    master.wait_for(RESULT);
    hold_once(master, workers, 1000);
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
    let why = hold_one_line(job.worker(&fast), "{*}: worker: {*}");
    // From 2.15 on, the server only tells its log.
    let told = ["the server has no room", "(is its disk full?)"];
    assert!(told.iter().any(|told| why.contains(told)), "{why}");
    fs::remove_file(&filler).expect("it is there");
    master.signal(SIGKILL);
    server.stop(0).expect("its keeper");
    server.start(0).expect("it comes back");
    let workers = vec![job.worker(&fast), job.worker(&fast)];
    hold_once(job.master(&args), workers, 2000);
    drop(server); // Before its disk.
}

#[test]
#[ignore = "needs nats-server"]
fn the_status_of_a_job_is_one_line() {
    let job = Job::new(one_server(), "status", 0);
    let master = job.master(&["--tasks", "3"]);
    let status = |template: &str| {
        let run = job.start(&job.url, "status", &[]).end();
        assert_eq!((run.code, run.lines.len()), (Some(0), 1));
        run.exact(&[template]);
    };
    let rest = "given out again: 0, results dropped: 0";
    let none = "workers: 0 of 0 seen";
    status(&format!("status-0: 3 waiting, 0 out, 0 done, {none}, {rest}"));
    let mut worker = job.worker(&["--delay", "10"]);
    worker.wait_for(RUN);
    let one = "workers: 1 of 1 seen";
    status(&format!("status-0: 2 waiting, 1 out, 0 done, {one}, {rest}"));
    hold_once(master, vec![worker], 3);
    let one = "workers: 0 of 1 seen";
    status(&format!(
        "status-0: 0 waiting, 0 out, 3 done, {one}, {rest}, all done"
    ));
}
