//! What an engine refuses, and processes that are stopped: one clear line
//! each, status 1, and nothing is lost.

use std::time::{Duration, Instant};

use harness::Background;
use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use task_farm::{Done, TaskSource};

use super::engine::{
    Job, SOON, assert_once, dropped, one_server, plan, three_servers,
};
use super::processes::{assert_failure, given_out_again, lesson};
use super::{RESULT, RUN};

/// It has failed, and printed this one line besides those of its work.
#[track_caller]
pub fn assert_one_line(process: Background, template: &str) -> String {
    assert_one_line_more(process, 0, template)
}

/// The same, after so many lines that its test has heard already.
#[track_caller]
fn assert_one_line_more(
    process: Background,
    heard: usize,
    template: &str,
) -> String {
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
    let others = run.lines.len() - work.sum::<usize>();
    assert_eq!(others, heard + 1, "{:#?}", run.lines);
    let last = run.lines[run.lines.len() - 1].clone();
    assert_failure(run, template);
    last
}

fn command(args: &[&str]) -> Background {
    Background::start(&mut lesson(args))
}

#[test]
#[ignore = "needs nats-server"]
fn a_wrong_key_is_refused() {
    let mut job = Job::new(one_server(), "no-key", 0);
    for login in ["anna:wrong@", "bert:abc@"] {
        let url = one_server().url().replace("anna:abc@", login);
        for role in ["master", "worker", "status", "clear"] {
            let process = job.start(&url, role, &[]);
            let why = "does not let us in: another user or key";
            let line = format!("{{*}}: {role}: nats://{{address}} {why}");
            assert_one_line(process, &line);
        }
    }
    job.url = one_server().url().replace(":abc", ""); // It knows the variable.
    let master = job.master(&["--tasks", "1"]);
    assert_once(master, vec![job.worker(&[])], 1);
}

#[test]
#[ignore = "needs nats-server"]
fn a_missing_server_is_named() {
    for role in ["master", "worker", "status", "clear"] {
        let url = "nats://127.0.0.1:1";
        let process = command(&[role, "--queue", url, "--job", "any"]);
        let line = format!("{{*}}: {role}: {url}: no server there: {{*}}");
        assert_one_line(process, &line);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn there_is_no_such_job() {
    let job = Job::new(one_server(), "no-job", 0);
    for role in ["worker", "status", "clear"] {
        let process = job.start(&job.url, role, &[]);
        let what = "there is no job no-job-0; its master creates it";
        assert_one_line(process, &format!("{{*}}: {role}: {what}"));
    }
    let mut waits = job.worker(&["--retry"]);
    waits.wait_for("worker ({P}): there is no job {*}; I wait for the queue");
    assert_once(job.master(&["--tasks", "3"]), vec![waits], 3);
}

#[test]
#[ignore = "needs nats-server"]
fn a_job_keeps_its_settings() {
    let server = plan(3).start().expect("three servers");
    let mut job = Job::new(&server, "settings", 0);
    let mut first = job.master(&["--tasks", "5", "--seed", "1"]);
    let refused = "{*}: master: the job settings-0 is there with other \
                   settings (lease 60 s, tries 5, replicas 3): {*}";
    assert_one_line(job.begin_master(&["--lease", "7"]), refused);
    job.replicas = "1".into();
    assert_one_line(job.begin_master(&[]), refused);
    let worker = job.worker(&["--delay", "0"]);
    first.wait_for(RESULT);
    assert_once(first, vec![worker], 5);
    let clear = job.start(&job.url, "clear", &[]).end();
    assert_eq!(clear.lines, ["settings-0: forgotten"]);
    let again = job.master(&["--tasks", "1", "--lease", "7"]);
    assert_once(again, vec![job.worker(&[])], 1);
}

#[test]
#[ignore = "needs nats-server"]
fn a_job_keeps_its_tasks() {
    let job = Job::new(one_server(), "other-tasks", 0);
    let first = ["--tasks", "3", "--seed", "1"];
    assert_once(job.master(&first), vec![job.worker(&["--delay", "0"])], 3);
    let run = job.begin_master(&["--tasks", "3", "--seed", "2"]).end();
    assert!(run.all(RESULT).is_empty(), "{:#?}", run.lines);
    let refused = "{*}: master: task {n} has the result of another task: \
                   this job has other tasks; take their --seed, or another \
                   --job, or clear it";
    assert_failure(run, refused);
    assert_once(job.master(&first), vec![], 3);
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_may_answer_that_it_is_not_a_number() {
    let job = Job::new(one_server(), "no-number", 0);
    let mut master = job.master(&["--tasks", "1"]);
    let mut farm = job.by_hand();
    let lease = farm.take(1, Duration::from_secs(10)).unwrap().remove(0);
    let result = format!("{} is not a number", lease.task.body);
    let result = result.as_str().into();
    farm.complete(&[Done { task: lease.task.id, result }]).unwrap();
    master.wait_for("master ({M}): Result: {n} is not a number");
    assert_eq!(master.end().code, Some(0));
}

#[test]
#[ignore = "needs nats-server"]
fn a_cluster_of_old_servers_is_warned_of() {
    let old = !three_servers().is_at_least(2, 10);
    for (servers, warns) in [(one_server(), false), (three_servers(), old)] {
        let job = Job::new(servers, "warning", 0);
        let master = job.master(&["--tasks", "1"]);
        let run = assert_once(master, vec![job.worker(&[])], 1);
        let warning = "master ({M}): warning: nats-server {*} may lose a job \
                       when all servers stop; replicas want 2.10 or later";
        assert_eq!(run.all(warning).len(), usize::from(warns));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn one_server_holds_no_three_replicas() {
    let mut job = Job::new(one_server(), "replicas", 0);
    job.replicas = "3".into();
    let line = "{*}: master: {*}replicas{*}";
    let error = assert_one_line(job.begin_master(&[]), line);
    assert!(!error.contains("no queue"), "it knows at once: {error}");
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_stopped_can_continue_another_day() {
    let job = Job::new(one_server(), "stopped", 0);
    let args = ["--tasks", "60", "--seed", "1"];
    let mut master = job.master(&args);
    let workers = job.workers("1");
    master.wait_for(RESULT);
    master.signal(SIGINT);
    let stopped = "{*}: master: the master was stopped with {n} of 60 results";
    assert_one_line(master, stopped);
    assert_once(job.master(&args), workers, 60);
}

/// Its lease would last for hours. What it has done counts.
#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_is_stopped_gives_back_what_it_has() {
    for (trial, signal) in [SIGINT, SIGTERM].into_iter().enumerate() {
        let job = Job::new(one_server(), "worker-stopped", trial);
        let master = job.master(&["--tasks", "3", "--lease", "10000"]);
        let mut worker = job.worker(&["--batch", "3", "--delay", "40"]);
        worker.wait_for(RUN);
        // It gets what is given back at once, and nothing else.
        let mut other = job.worker(&["--delay", "0"]);
        other.wait_for("worker ({P}): Connect to server {*}...");
        worker.wait_for(RUN);
        worker.signal(signal);
        let run = worker.end();
        let back = run.one("worker ({P}): tasks given back: {n}").1;
        let ran = run.all(RUN).len();
        let back = back.number("n");
        assert_eq!(back, (4 - ran) as f64, "{:#?}", run.lines);
        assert_failure(run, STOPPED);
        let run = assert_once(master.deadline(SOON), vec![other], 3);
        assert_eq!((given_out_again(&run), dropped(&run)), (back, 0.0));
    }
}

const STOPPED: &str = "{*}: worker: the worker was stopped";

#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_waits_may_be_stopped() {
    let job = Job::new(one_server(), "waiting-stopped", 0);
    let mut waits = job.worker(&["--retry"]);
    waits.wait_for("worker ({P}): there is no job {*}; I wait for the queue");
    waits.signal(SIGINT);
    assert_one_line_more(waits, 1, STOPPED);
    let master = job.master(&["--tasks", "1"]);
    let mut first = job.worker(&["--delay", "40"]);
    first.wait_for(RUN);
    let mut idle = job.worker(&[]).deadline(SOON);
    idle.wait_for("worker ({P}): Connect to server {*}...");
    idle.signal(SIGTERM);
    assert_one_line(idle, STOPPED);
    assert_once(master, vec![first], 1);
}

#[test]
#[ignore = "needs nats-server"]
fn the_status_of_a_job_is_one_line() {
    let job = Job::new(one_server(), "status", 0);
    let master = job.master(&["--tasks", "3"]);
    let status = |template: &str| {
        let end = Instant::now() + SOON;
        loop {
            let run = job.start(&job.url, "status", &[]).end();
            assert_eq!((run.code, run.lines.len()), (Some(0), 1));
            // A busy machine may answer the roll call too late.
            if run.all(template).len() == 1 || Instant::now() > end {
                return run.exact(&[template]);
            }
        }
    };
    let rest = "given out again: 0, results dropped: 0";
    let none = "workers: 0 of 0 seen";
    status(&format!("status-0: 3 waiting, 0 out, 0 done, {none}, {rest}"));
    let mut worker = job.worker(&["--delay", "10"]);
    worker.wait_for(RUN);
    let one = "workers: 1 of 1 seen";
    status(&format!("status-0: 2 waiting, 1 out, 0 done, {one}, {rest}"));
    assert_once(master, vec![worker], 3);
    let one = "workers: 0 of 1 seen";
    status(&format!(
        "status-0: 0 waiting, 0 out, 3 done, {one}, {rest}, all done"
    ));
}
