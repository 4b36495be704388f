//! Workers, masters and servers of the engine that are killed, stand still or
//! are cut off: every result comes once.
//!
//! Each trial is made once. Twenty of each:
//! `TRIALS=20 cargo test -p lesson14_distributed --features nats engine_kills
//! -- --include-ignored`. `NATS_SERVER` names the server's program.

use std::env;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGCONT, SIGKILL, SIGSTOP};
use task_farm::{JobOwner, JobSettings, NatsJob, TaskSource};

use super::engine::{
    DEADLINE, Job, assert_once, dropped, left_out, plan, result, three_servers,
};
use super::processes::given_out_again;
use super::proxy::Proxy;
use super::{RESULT, RUN};

fn trials() -> Range<usize> {
    let many = env::var("TRIALS").ok().and_then(|text| text.parse().ok());
    0..many.unwrap_or(1)
}

#[test]
#[ignore = "needs nats-server"]
fn the_task_of_a_worker_that_is_killed_goes_to_another() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "worker-killed", trial);
        let master = job.master(&["--tasks", "40", "--lease", "1"]);
        let mut first = job.worker(&["--delay", "10000"]);
        let task = first.wait_for(RUN);
        first.signal(SIGKILL);
        let run = assert_once(master, job.workers("1"), 40);
        assert!(given_out_again(&run) >= 1.0, "{:?}", task.text("n"));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn workers_may_die_all_the_time() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "workers-die", trial);
        let mut master = job.master(&["--tasks", "60", "--lease", "1"]);
        let mut held = job.hold();
        let mut workers = job.workers("1");
        for kill in 0..12 {
            master.wait_for(RESULT);
            held.until(|| true);
            workers[kill % 4].signal(SIGKILL);
            workers[kill % 4] = job.worker(&["--delay", "1", "--batch", "3"]);
        }
        held.finish();
        assert_once(master, workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_frozen_worker_loses_its_task_and_continues() {
    let servers = three_servers();
    for trial in trials() {
        let job = Job::new(servers, "worker-frozen", trial);
        let mut master = job.master(&["--tasks", "2", "--lease", "2"]);
        let mut frozen = job.worker(&["--delay", "10"]);
        let task = frozen.wait_for(RUN);
        frozen.signal(SIGSTOP);
        do_instead(&job, task.text("n"));
        master.wait_for(RESULT);
        frozen.signal(SIGCONT);
        frozen.wait_for(RUN); // It continues with the other task.
        let run = assert_once(master, vec![frozen], 2);
        assert!(given_out_again(&run) >= 1.0);
        assert!(dropped(&run) >= 1.0, "its late result");
    }
}

/// Brings the result of a task as soon as its lease has ended.
fn do_instead(job: &Job, n: &str) {
    let mut other = job.by_hand();
    let end = Instant::now() + DEADLINE;
    while Instant::now() < end {
        for lease in other.take(1, Duration::from_secs(1)).expect("a farm") {
            if lease.task.body.to_string() == n {
                return other.complete(&[result(&lease)]).expect("a farm");
            }
        }
    }
    panic!("the lease does not end");
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_killed_while_it_puts_can_continue() {
    const TASKS: usize = 5000;
    let servers = three_servers();
    let tasks = ["--seed", "1", "--tasks", &TASKS.to_string()];
    for trial in trials() {
        // It may have put them all before the kill; then it is no trial.
        let again = (0..20).map(|again| 100 * trial + again);
        let mut jobs = again.map(|i| Job::new(servers, "master-puts", i));
        let job = jobs.find(|job| kill_while_it_puts(job, &tasks) < TASKS);
        let job = job.expect("it puts slower than we kill");
        let args = ["--delay", "0", "--batch", "100", "--quiet"];
        let workers = (0..4).map(|_| job.worker(&args)).collect();
        assert_once(job.begin_master(&tasks), workers, TASKS);
    }
}

/// Kills it as soon as there is a task; how many there are then.
fn kill_while_it_puts(job: &Job, tasks: &[&str]) -> usize {
    let address = job.url.parse().expect("an address");
    let replicas = job.replicas.parse().expect("a number");
    // As the master has it by default. It is ready before the master comes.
    let lease = Duration::from_secs(60);
    let settings = JobSettings { lease, tries: 5, replicas };
    let farm = NatsJob::create(&address, &job.name, settings);
    let mut farm = farm.expect("a job");
    let master = job.begin_master(tasks);
    let first = farm.take(1, DEADLINE).expect("a task");
    master.signal(SIGKILL);
    farm.release(&first).expect("a farm");
    let status = farm.stats().expect("a farm");
    status.waiting + status.leased
}

#[test]
#[ignore = "needs nats-server"]
fn a_master_that_is_killed_while_it_collects_can_continue() {
    let servers = three_servers();
    let args = ["--seed", "1", "--tasks", "60"];
    for trial in trials() {
        let job = Job::new(servers, "master-collects", trial);
        let mut master = job.master(&args);
        let mut workers = job.workers("1");
        for _ in 0..=(7 * trial) % 50 {
            master.wait_for(RESULT);
        }
        master.signal(SIGKILL);
        workers[0].wait_for(RUN); // They need no master.
        assert_once(job.begin_master(&args), workers, 60);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn the_leading_server_may_be_killed() {
    let mut servers = plan(3).start().expect("three servers");
    for trial in trials() {
        let job = Job::new(&servers, "leader-killed", trial);
        let mut master = job.master(&["--tasks", "200", "--lease", "3"]);
        let workers = job.workers("1");
        for _ in 0..20 + 7 * trial {
            master.wait_for(RESULT);
        }
        let leader = servers.leader(&job.streams()[trial % 2]);
        let leader = leader.expect("an answer").expect("a leader");
        servers.kill(leader).expect("its keeper");
        assert_once(master, workers, 200);
        servers.start_all().expect("it comes back");
    }
}

#[test]
#[ignore = "needs nats-server"]
fn servers_may_be_restarted_one_after_the_other() {
    let mut servers = plan(3).start().expect("three servers");
    for trial in trials() {
        let job = Job::new(&servers, "rolling", trial);
        let mut master = job.master(&["--tasks", "100", "--lease", "5"]);
        let mut held = job.hold();
        let workers = job.workers("2");
        master.wait_for(RESULT);
        for i in 0..servers.count() {
            servers.stop(i).expect("its keeper");
            servers.start(i).expect("it comes back");
            let whole = |it: &String| servers.is_whole(it).unwrap_or(false);
            held.until(|| job.streams().iter().all(whole));
        }
        held.finish();
        assert_once(master, workers, 100);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn all_servers_may_be_killed_and_started_again() {
    let mut servers = plan(3).start().expect("three servers");
    let version = servers.version().to_string();
    if !servers.is_at_least(2, 10) {
        left_out(&format!(
            "all servers of a cluster killed, as nats-server {version} is \
             older than 2.10"
        ));
        return;
    }
    for trial in trials() {
        let job = Job::new(&servers, "all-killed", trial);
        let mut master = job.master(&["--tasks", "100", "--lease", "3"]);
        let workers = job.workers("2");
        for _ in 0..10 + trial {
            master.wait_for(RESULT);
        }
        for i in 0..servers.count() {
            servers.kill(i).expect("its keeper");
        }
        thread::sleep(Duration::from_secs(1));
        servers.start_all().expect("they come back");
        assert_once(master, workers, 100);
    }
}

/// Its late result is not another one, and it continues: whether what it has
/// said meanwhile arrives after all, or its connection breaks.
#[test]
#[ignore = "needs nats-server"]
fn a_worker_that_is_cut_off_loses_its_task_and_continues() {
    let servers = three_servers();
    for trial in trials() {
        for breaks in [false, true] {
            let name = ["cut-off", "broken-off"][usize::from(breaks)];
            let job = Job::new(servers, name, trial);
            let mut master = job.master(&["--tasks", "2", "--lease", "2"]);
            let proxy = Proxy::start(servers.address(trial % 3));
            let url = servers.url_of(&[proxy.address]);
            let mut far = job.start(&url, "worker", &["--delay", "10"]);
            let task = far.wait_for(RUN);
            proxy.cut();
            do_instead(&job, task.text("n"));
            master.wait_for(RESULT);
            proxy.mend(breaks);
            far.wait_for(RUN); // It continues with the other task.
            let run = assert_once(master, vec![far], 2);
            assert!(given_out_again(&run) >= 1.0);
            assert!(dropped(&run) >= 1.0, "its late result");
        }
    }
}
