//! What every farm holds to: in memory, over the network, and on an engine.

mod jobs;

use std::thread;
use std::time::{Duration, Instant};

use jobs::{Job, done, failures, results, task};
use task_farm::{Done, Error, Lease, Report, Stats, Task, TaskSource, Value};

/// Each of these tests, on each kind of farm; and how long a lease lasts.
macro_rules! on_each {
    ($($test:ident($lease:expr);)*) => {
        mod memory {
            $(#[test]
            fn $test() {
                super::$test(&super::jobs::memory($lease));
            })*
        }

        mod managers {
            $(#[test]
            fn $test() {
                super::$test(&super::jobs::managers($lease));
            })*
        }

        #[cfg(all(unix, feature = "nats"))]
        mod nats {
            $(#[test]
            #[ignore = "needs nats-server"]
            fn $test() {
                let name = stringify!($test);
                super::$test(&super::jobs::nats(name, $lease));
            })*
        }
    };
}

on_each! {
    a_task_put_twice_is_kept_once(super::LONG);
    a_task_that_has_its_result_is_not_put_again(super::LONG);
    a_task_that_came_back_is_not_put_again(super::LONG);
    every_kind_of_task_and_result_arrives_as_it_was(super::LONG);
    a_worker_gets_no_more_tasks_than_it_asks_for(super::LONG);
    a_worker_that_waits_gets_the_first_task_that_is_put(super::LONG);
    a_wait_in_vain_lasts_as_long_as_asked(super::LONG);
    results_that_are_handed_in_again_change_nothing(super::LONG);
    what_is_exchanged_has_come_when_the_call_returns(super::LONG);
    a_lease_runs_out_and_another_worker_gets_the_task(super::SHORT);
    a_late_result_counts_if_it_is_the_first(super::SHORT);
    a_lease_that_is_extended_does_not_run_out(super::EXTENDED);
    a_released_task_goes_to_the_end_of_the_queue(super::LONG);
    a_lease_that_has_run_out_cannot_be_released(super::SHORT);
    a_lease_of_before_is_no_lease_now(super::LONG);
    a_task_that_was_released_and_completed_is_not_delivered(super::LONG);
    a_task_that_fails_is_reported_and_not_delivered_again(super::LONG);
    a_task_whose_lease_runs_out_goes_to_the_end_of_the_queue(super::SHORT);
    a_release_is_no_failed_delivery(super::LONG);
    a_task_is_given_up_after_some_failed_deliveries(super::SHORT);
    a_task_that_kills_its_workers_is_given_up(super::SHORT);
    an_owner_that_waits_gets_the_first_report(super::LONG);
    the_stats_say_where_the_tasks_are(super::LONG);
    a_closed_job_lets_its_workers_go(super::LONG);
    a_worker_that_waits_hears_that_the_job_is_closed(super::LONG);
    new_tasks_open_a_closed_job_again(super::LONG);
    a_cleared_job_is_empty_and_can_be_filled_again(super::LONG);
    a_late_result_of_a_cleared_job_is_refused(super::LONG);
    many_workers_lose_nothing_and_double_nothing(super::LONG);
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(400);
const EXTENDED: Duration = Duration::from_secs(2);

/// A wait that is long enough for whatever is to come.
const SOON: Duration = Duration::from_secs(15);

/// A wait that does not wait.
const NOW: Duration = Duration::ZERO;

/// The one task that comes soon.
#[track_caller]
fn take(worker: &mut dyn TaskSource) -> Lease {
    let mut leases = worker.take(1, SOON).unwrap();
    assert_eq!(leases.len(), 1);
    leases.remove(0)
}

fn ids(leases: &[Lease]) -> Vec<u64> {
    let mut ids: Vec<_> = leases.iter().map(|lease| lease.task.id).collect();
    ids.sort_unstable();
    ids
}

fn counts(stats: &Stats) -> [usize; 3] {
    [stats.waiting, stats.leased, stats.done]
}

fn a_task_put_twice_is_kept_once(job: &Job) {
    let mut owner = job.with_tasks(2);
    assert_eq!(owner.put(&[task(1), task(2)]), Ok(1));
    assert_eq!(owner.put(&[]), Ok(0));
    assert_eq!(job.owner().put(&[task(0)]), Ok(0), "by any handle");
    let mut worker = job.worker();
    assert_eq!(ids(&worker.take(9, NOW).unwrap()), [0, 1, 2]);
    assert_eq!(owner.put(&[task(1)]), Ok(0), "while it is leased");
    assert!(worker.take(9, NOW).unwrap().is_empty());
}

fn a_task_that_has_its_result_is_not_put_again(job: &Job) {
    let mut owner = job.with_tasks(2);
    let mut worker = job.worker();
    let id = worker.take(1, NOW).unwrap()[0].task.id;
    worker.complete(&[done(id, "done")]).unwrap();
    assert_eq!(job.owner().put(&[task(0), task(1)]), Ok(0));
    assert_eq!(ids(&worker.take(9, NOW).unwrap()), [1 - id]);
    assert_eq!(owner.put(&[task(id)]), Ok(0));
    assert!(worker.take(9, NOW).unwrap().is_empty());
}

fn a_task_that_came_back_is_not_put_again(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    let lease = take(&mut *worker);
    worker.release(&[lease]).unwrap();
    assert_eq!(owner.put(&[task(0)]), Ok(0), "while it waits");
    assert_eq!(owner.put(&[task(0), task(1)]), Ok(1), "next to a new one");
    assert_eq!(ids(&worker.take(9, NOW).unwrap()), [0, 1]);
    assert_eq!(owner.put(&[task(0)]), Ok(0), "while it is leased");
    worker.complete(&[done(0, "done"), done(1, "done")]).unwrap();
    assert_eq!(worker.take(9, NOW), Ok(vec![]));
}

fn every_kind_of_task_and_result_arrives_as_it_was(job: &Job) {
    let text = "3411 * 3411 = 11634921 \u{2713}".repeat(1000);
    let pair = [Value::from("a"), Value::Float(1.5)];
    let bodies = [
        Value::None,
        true.into(),
        i64::MIN.into(),
        Value::Float(0.1),
        "".into(),
        text.as_str().into(),
        Value::Bytes(vec![0, 255, 10]),
        Value::List(vec![1.into(), "two".into(), Value::None]),
        Value::Dict(vec![("key".into(), Value::List(pair.to_vec()))]),
    ];
    let tasks = bodies.iter().cloned().zip(0..);
    let tasks: Vec<_> = tasks.map(|(body, id)| Task { id, body }).collect();
    let mut owner = job.owner();
    let mut worker = job.worker();
    assert_eq!(owner.put(&tasks), Ok(tasks.len()));
    let mut leases = worker.take(20, NOW).unwrap();
    leases.sort_by_key(|lease| lease.task.id);
    assert!(leases.iter().map(|lease| &lease.task).eq(&tasks));
    let all = tasks.into_iter().map(|Task { id, body }| {
        let task = id;
        let result = body;
        Done { task, result }
    });
    let all: Vec<_> = all.collect();
    worker.complete(&all).unwrap();
    assert_eq!(results(&mut *owner), all);
}

fn a_worker_gets_no_more_tasks_than_it_asks_for(job: &Job) {
    let _owner = job.with_tasks(1200);
    let mut worker = job.worker();
    let mut all = Vec::new();
    let asked = [(0, 0), (1, 1), (4, 4), (1100, 1100), (100, 95), (9, 0)];
    for (max, got) in asked {
        let leases = worker.take(max, NOW).unwrap();
        assert_eq!(leases.len(), got);
        assert!(leases.iter().all(|lease| lease.delivery_count == 1));
        all.extend(leases);
    }
    assert!(ids(&all).into_iter().eq(0..1200));
}

fn a_worker_that_waits_gets_the_first_task_that_is_put(job: &Job) {
    let mut owner = job.owner();
    thread::scope(|s| {
        let waits = s.spawn(|| take(&mut *job.worker()));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        assert_eq!(owner.put(&[task(5)]), Ok(1));
        assert_eq!(waits.join().unwrap().task, task(5));
    });
}

fn a_wait_in_vain_lasts_as_long_as_asked(job: &Job) {
    let mut owner = job.owner();
    let mut worker = job.worker();
    for wait in [0, 10, 300].map(Duration::from_millis) {
        let began = Instant::now();
        assert_eq!(worker.take(1, wait), Ok(vec![]));
        assert!(began.elapsed() >= wait);
        let began = Instant::now();
        assert_eq!(owner.collect(wait), Ok(vec![]));
        assert!(began.elapsed() >= wait);
    }
}

fn results_that_are_handed_in_again_change_nothing(job: &Job) {
    let mut owner = job.with_tasks(3);
    let mut worker = job.worker();
    worker.take(2, NOW).unwrap();
    for _ in 0..3 {
        worker.complete(&[done(0, "a"), done(1, "b")]).unwrap();
    }
    worker.complete(&[done(0, "c")]).unwrap();
    assert_eq!(counts(&owner.stats().unwrap()), [1, 0, 2]);
    assert_eq!(results(&mut *owner), [done(0, "a"), done(1, "b")]);
    assert_eq!(owner.collect(NOW), Ok(vec![]), "they were collected");
}

fn what_is_exchanged_has_come_when_the_call_returns(job: &Job) {
    let mut owner = job.with_tasks(5);
    let mut worker = job.worker();
    let mut finished = Vec::new();
    let mut came = 0;
    for (leases, before) in [(2, 0), (2, 2), (1, 4), (0, 5)] {
        let next = worker.exchange(&finished, 2, NOW).unwrap();
        came += results(&mut *owner).len();
        assert_eq!((next.len(), came), (leases, before));
        finished = next.iter().map(|lease| done(lease.task.id, "")).collect();
    }
}

fn a_lease_runs_out_and_another_worker_gets_the_task(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut slow = job.worker();
    let began = Instant::now();
    let first = take(&mut *slow);
    let second = take(&mut *job.worker());
    assert!(began.elapsed() >= SHORT);
    assert_eq!((first.task, first.delivery_count), (task(0), 1));
    assert_eq!(second.task, task(0));
    assert!(second.delivery_count > 1);
    assert_ne!(first.number, second.number);
    assert!(owner.stats().unwrap().redelivered >= 1);
}

fn a_late_result_counts_if_it_is_the_first(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut slow = job.worker();
    let mut quick = job.worker();
    take(&mut *slow);
    take(&mut *quick);
    slow.complete(&[done(0, "late")]).unwrap();
    quick.complete(&[done(0, "too late")]).unwrap();
    assert_eq!(results(&mut *owner), [done(0, "late")]);
    assert_eq!(owner.stats().unwrap().duplicates, 1);
    thread::sleep(2 * SHORT);
    assert_eq!(slow.take(1, NOW), Ok(vec![]));
}

fn a_lease_that_is_extended_does_not_run_out(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    let mut other = job.worker();
    let lease = take(&mut *worker);
    assert_eq!(lease.duration, Some(EXTENDED));
    let began = Instant::now();
    let mut extended = began;
    while began.elapsed() < 2 * EXTENDED {
        worker.extend(std::slice::from_ref(&lease)).unwrap();
        let others = other.take(1, Duration::from_millis(50)).unwrap();
        if extended.elapsed() > EXTENDED / 2 {
            return; // This machine stood still: no worker could be in time.
        }
        assert_eq!(others, []);
        extended = Instant::now();
    }
    worker.complete(&[done(0, "mine")]).unwrap();
    assert_eq!(owner.stats().unwrap().redelivered, 0);
}

fn a_released_task_goes_to_the_end_of_the_queue(job: &Job) {
    let mut owner = job.with_tasks(3);
    let mut worker = job.worker();
    let mut other = job.worker();
    let first = take(&mut *worker);
    worker.release(std::slice::from_ref(&first)).unwrap();
    worker.release(std::slice::from_ref(&first)).unwrap(); // Changes nothing.
    let rest: Vec<_> = (0..3).map(|_| take(&mut *other)).collect();
    assert_eq!(ids(&rest), [0, 1, 2]);
    let again = rest.iter().position(|lease| lease.task == first.task);
    let again = again.expect("it is among them");
    assert_eq!(again, 2, "after those that were not tried");
    assert_eq!(rest[again].delivery_count, 2);
    worker.release(&[first]).unwrap(); // It is another lease by now.
    assert_eq!(other.take(9, Duration::from_millis(100)), Ok(vec![]));
    assert_eq!(owner.stats().unwrap().redelivered, 1);
}

fn a_lease_that_has_run_out_cannot_be_released(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut slow = job.worker();
    let mut quick = job.worker();
    let ended = take(&mut *slow);
    let held = take(&mut *quick);
    slow.release(&[ended]).unwrap();
    quick.extend(&[held]).unwrap();
    quick.complete(&[done(0, "done")]).unwrap();
    assert_eq!(results(&mut *owner), [done(0, "done")]);
    assert_eq!(slow.take(1, 2 * SHORT), Ok(vec![]), "it is settled");
}

fn a_lease_of_before_is_no_lease_now(job: &Job) {
    let _owner = job.with_tasks(1);
    let mut worker = job.worker();
    let before = take(&mut *worker);
    worker.release(std::slice::from_ref(&before)).unwrap();
    take(&mut *worker);
    worker.release(&[before]).unwrap();
    let other = job.worker().take(1, Duration::from_millis(100));
    assert_eq!(other, Ok(vec![]), "it is leased again");
}

fn a_task_that_was_released_and_completed_is_not_delivered(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut slow = job.worker();
    let mut quick = job.worker();
    let lease = take(&mut *slow);
    slow.release(&[lease]).unwrap();
    take(&mut *quick);
    quick.complete(&[done(0, "done")]).unwrap();
    assert_eq!(slow.take(1, NOW), Ok(vec![]));
    assert_eq!(counts(&owner.stats().unwrap()), [0, 0, 1]);
}

fn a_task_that_fails_is_reported_and_not_delivered_again(job: &Job) {
    let mut owner = job.with_tasks(2);
    let mut worker = job.worker();
    let lease = take(&mut *worker);
    worker.fail(&lease, "no such file").unwrap();
    worker.fail(&lease, "again").unwrap();
    worker.complete(&[done(lease.task.id, "after all")]).unwrap();
    let other = take(&mut *worker);
    assert_ne!(other.task.id, lease.task.id);
    assert_eq!(worker.take(1, NOW), Ok(vec![]));
    let why = "no such file".to_string();
    let failed = Report::Failed { task: lease.task.id, why };
    assert_eq!(owner.collect(SOON), Ok(vec![failed]));
    let stats = owner.stats().unwrap();
    assert_eq!((stats.failed, stats.done), (1, 0));
    assert_eq!(owner.put(&[lease.task]), Ok(0), "it is known");
}

fn a_task_whose_lease_runs_out_goes_to_the_end_of_the_queue(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut frozen = job.worker();
    let mut worker = job.worker();
    let first = take(&mut *frozen);
    assert_eq!(owner.put(&[task(1), task(2)]), Ok(2));
    thread::sleep(2 * SHORT);
    let rest: Vec<_> = (0..3).map(|_| take(&mut *worker)).collect();
    let order: Vec<_> = rest.iter().map(|lease| lease.task.id).collect();
    assert_eq!(order, [1, 2, first.task.id]);
    assert_eq!(rest[2].delivery_count, 2);
}

fn a_release_is_no_failed_delivery(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    for count in 1..=2 * jobs::TRIES {
        let lease = take(&mut *worker);
        assert_eq!(lease.delivery_count, count);
        worker.release(&[lease]).unwrap();
    }
    assert_eq!(take(&mut *worker).task, task(0));
    worker.complete(&[done(0, "after all")]).unwrap();
    assert_eq!(results(&mut *owner), [done(0, "after all")]);
}

fn a_task_is_given_up_after_some_failed_deliveries(job: &Job) {
    let mut owner = job.with_tasks(1);
    for count in 1..=jobs::TRIES {
        // In good order; only the others count.
        let mut worker = job.worker();
        let lease = take(&mut *worker);
        assert_eq!(lease.delivery_count, 2 * count - 1);
        worker.release(&[lease]).unwrap();
        assert_eq!(take(&mut *worker).delivery_count, 2 * count);
    }
    // No worker lives.
    let why = format!("given up after {} deliveries", jobs::TRIES);
    assert_eq!(failures(&mut *owner, 1), [(0, why)]);
    assert_eq!(owner.stats().unwrap().failed, 1);
}

/// The tasks that come after it are done meanwhile.
fn a_task_that_kills_its_workers_is_given_up(job: &Job) {
    let mut owner = job.with_tasks(8);
    let mut others = Vec::new();
    for _ in 0..jobs::TRIES {
        let mut worker = job.worker();
        loop {
            let lease = take(&mut *worker);
            if lease.task.id == 0 {
                break; // The worker has died, and says nothing more.
            }
            let done = done(lease.task.id, "fine");
            worker.complete(std::slice::from_ref(&done)).unwrap();
            others.push(done);
        }
    }
    // The rest.
    let mut worker = job.worker();
    while let Some(lease) = worker.take(1, 3 * SHORT).unwrap().pop() {
        assert_ne!(lease.task.id, 0, "it was given up");
        let done = done(lease.task.id, "fine");
        worker.complete(std::slice::from_ref(&done)).unwrap();
        others.push(done);
    }
    others.sort_by_key(|done| done.task);
    let mut reports = failures(&mut *owner, 1);
    assert_eq!(reports.remove(0).0, 0);
    assert!(others.iter().map(|done| done.task).eq(1..8));
    assert_eq!(owner.stats().unwrap().done, 7);
}

fn an_owner_that_waits_gets_the_first_report(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    take(&mut *worker);
    thread::scope(|s| {
        let waits = s.spawn(|| owner.collect(SOON));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        worker.complete(&[done(0, "a")]).unwrap();
        let reports = waits.join().unwrap();
        assert_eq!(reports, Ok(vec![Report::Done(done(0, "a"))]));
    });
}

fn the_stats_say_where_the_tasks_are(job: &Job) {
    let mut owner = job.with_tasks(5);
    let mut worker = job.worker();
    let mut assert_counts = |expected| {
        let stats = owner.stats().unwrap();
        assert_eq!(counts(&stats), expected);
        assert!(!stats.closed);
    };
    assert_counts([5, 0, 0]);
    let leases = worker.take(3, NOW).unwrap();
    assert_counts([2, 3, 0]);
    worker.complete(&[done(leases[0].task.id, "")]).unwrap();
    assert_counts([2, 2, 1]);
    let rest = leases[1..].iter().map(|it| done(it.task.id, ""));
    worker.complete(&rest.collect::<Vec<_>>()).unwrap();
    assert_counts([2, 0, 3]);
}

fn a_closed_job_lets_its_workers_go(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    take(&mut *worker);
    worker.complete(&[done(0, "")]).unwrap();
    assert_eq!(worker.take(1, NOW), Ok(vec![]));
    assert_eq!(worker.is_closed(), Ok(false), "the owner has not said so");
    owner.close().unwrap();
    let began = Instant::now();
    assert_eq!(worker.take(1, SOON), Ok(vec![]));
    assert!(began.elapsed() < SOON);
    assert_eq!(worker.is_closed(), Ok(true));
    assert!(job.owner().stats().unwrap().closed);
}

fn a_worker_that_waits_hears_that_the_job_is_closed(job: &Job) {
    let mut owner = job.owner();
    let began = Instant::now();
    thread::scope(|s| {
        let waits = s.spawn(|| job.worker().take(1, SOON));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        owner.close().unwrap();
        assert_eq!(waits.join().unwrap(), Ok(vec![]));
    });
    assert!(began.elapsed() < SOON);
}

fn new_tasks_open_a_closed_job_again(job: &Job) {
    let mut owner = job.with_tasks(1);
    owner.close().unwrap();
    assert_eq!(owner.put(&[task(0)]), Ok(0));
    assert!(job.owner().stats().unwrap().closed, "it is not new");
    assert_eq!(owner.put(&[task(1)]), Ok(1));
    assert!(!job.owner().stats().unwrap().closed);
}

fn a_cleared_job_is_empty_and_can_be_filled_again(job: &Job) {
    let mut owner = job.with_tasks(3);
    let mut worker = job.worker();
    let lease = take(&mut *worker);
    worker.complete(&[done(lease.task.id, "x")]).unwrap();
    owner.clear().unwrap();
    assert_eq!(counts(&job.owner().stats().unwrap()), [0, 0, 0]);
    assert_eq!(results(&mut *owner), []);
    assert_eq!(owner.put(&[task(0), task(1), task(2)]), Ok(3));
    let mut worker = job.worker();
    assert_eq!(ids(&worker.take(9, NOW).unwrap()), [0, 1, 2]);
    worker.complete(&[done(1, "y")]).unwrap();
    assert_eq!(results(&mut *owner), [done(1, "y")]);
}

fn a_late_result_of_a_cleared_job_is_refused(job: &Job) {
    let mut owner = job.with_tasks(1);
    let mut worker = job.worker();
    let lease = take(&mut *worker);
    owner.clear().unwrap();
    assert_eq!(owner.put(&[task(0)]), Ok(1));
    // It hears so, or it is dropped; it is no result of the new task.
    let late = worker.complete(&[done(0, "late")]);
    assert!(matches!(late, Ok(()) | Err(Error::Cleared(_))), "{late:?}");
    let _ = worker.release(&[lease]);
    assert_eq!(results(&mut *owner), []);
    assert_eq!(ids(&job.worker().take(9, NOW).unwrap()), [0]);
}

fn many_workers_lose_nothing_and_double_nothing(job: &Job) {
    let mut owner = job.with_tasks(3000);
    thread::scope(|s| {
        for worker in 0..8 {
            s.spawn(move || work(job, 1 + 10 * worker));
        }
        let mut all = Vec::new();
        while all.len() < 3000 {
            all.extend(results(&mut *owner));
            thread::yield_now();
        }
        owner.close().unwrap();
        all.sort_by_key(|done| done.task);
        assert!(all.iter().map(|done| done.task).eq(0..3000));
    });
    let stats = owner.stats().unwrap();
    assert_eq!(stats.duplicates, 0);
    assert_eq!(counts(&stats), [0, 0, 3000]);
}

/// Works until the job is closed; releases some tasks at first.
fn work(job: &Job, max: usize) {
    let mut worker = job.worker();
    let mut finished = Vec::new();
    loop {
        let wait = Duration::from_millis(50);
        let mut leases = worker.exchange(&finished, max, wait).unwrap();
        if leases.is_empty() && worker.is_closed().unwrap() {
            return;
        }
        let back = |lease: &mut Lease| {
            lease.task.id.is_multiple_of(7) && lease.delivery_count == 1
        };
        let back: Vec<_> = leases.extract_if(.., back).collect();
        worker.release(&back).unwrap();
        finished = leases.iter().map(|it| done(it.task.id, "")).collect();
    }
}
