//! What every farm with loans holds: the master's own queues, and those on
//! an engine.

use std::thread;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{Done, Farm, Loan, Local, Task};
use pymanagers::Value;

/// A farm; each call opens a handle of it.
struct Job(Box<dyn Fn() -> Box<dyn Farm> + Sync>);

impl Job {
    fn open(&self) -> Box<dyn Farm> {
        (self.0)()
    }

    /// A handle, after these tasks were put.
    fn with_tasks(&self, tasks: u64) -> Box<dyn Farm> {
        let mut farm = self.open();
        let tasks: Vec<_> = (0..tasks).map(task).collect();
        assert_eq!(farm.put(&tasks), Ok(tasks.len()));
        farm
    }
}

fn local(lease: Duration) -> Job {
    let farm = Local::new(Some(lease));
    Job(Box::new(move || Box::new(farm.clone())))
}

#[cfg(feature = "nats")]
fn nats(job: &'static str, lease: Duration) -> Job {
    use lesson14_distributed::farm::{JobSettings, Nats, NatsAddress};
    let url = super::engine::one_server().url();
    let address: NatsAddress = url.parse().unwrap();
    let settings = JobSettings { lease, replicas: 1 };
    Nats::create(&address, job, settings).unwrap();
    Job(Box::new(move || Box::new(Nats::open(&address, job).unwrap())))
}

/// Each of these tests, on both; and how long a loan lasts in it.
macro_rules! on_both {
    ($($test:ident($lease:expr);)*) => {
        mod local {
            $(#[test]
            fn $test() {
                super::$test(&super::local($lease));
            })*
        }

        #[cfg(feature = "nats")]
        mod nats {
            $(#[test]
            #[ignore = "needs nats-server"]
            fn $test() {
                super::$test(&super::nats(stringify!($test), $lease));
            })*
        }
    };
}

on_both! {
    a_task_put_twice_is_held_once(super::LONG);
    a_task_that_has_its_result_is_not_held_again(super::LONG);
    every_kind_of_task_and_result_arrives_as_it_was(super::LONG);
    nobody_gets_more_tasks_than_wanted(super::LONG);
    whoever_waits_for_a_task_gets_the_first_that_comes(super::LONG);
    whoever_waits_in_vain_waits_as_long_as_told(super::LONG);
    the_first_result_counts_and_others_are_dropped(super::LONG);
    a_result_that_is_handed_in_again_changes_nothing(super::LONG);
    what_is_exchanged_has_come_when_the_call_returns(super::LONG);
    a_loan_ends_and_somebody_else_gets_the_task(super::SHORT);
    a_late_result_still_counts_if_it_is_the_first(super::SHORT);
    whoever_renews_keeps_the_task(super::RENEWED);
    what_is_given_back_is_lent_again_at_once(super::LONG);
    whose_loan_has_ended_has_nothing_to_give_back(super::SHORT);
    a_loan_of_before_is_no_loan_now(super::LONG);
    what_was_given_back_and_is_finished_late_is_not_lent_again(super::LONG);
    a_new_handle_sees_all_results(super::LONG);
    whoever_waits_for_a_result_gets_the_first_that_comes(super::LONG);
    the_status_tells_where_the_tasks_are(super::LONG);
    all_handles_hear_that_it_is_over(super::LONG);
    whoever_waits_hears_that_it_is_over(super::LONG);
    it_is_not_over_when_new_tasks_come(super::LONG);
    a_cleared_farm_is_empty_and_can_be_filled_again(super::LONG);
    many_workers_lose_nothing_and_double_nothing(super::LONG);
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(400);
const RENEWED: Duration = Duration::from_secs(2);

/// Who has waited for so long waits in vain.
const SOON: Duration = Duration::from_secs(15);

/// A wait that does not wait.
const NOW: Duration = Duration::ZERO;

fn task(id: u64) -> Task {
    Task { id, body: (id as i64).into() }
}

fn done(id: u64, result: &str) -> Done {
    Done { task: id, result: result.into() }
}

/// The one task that comes soon.
#[track_caller]
fn take(farm: &mut dyn Farm) -> Loan {
    let mut loans = farm.take(1, SOON).unwrap();
    assert_eq!(loans.len(), 1);
    loans.remove(0)
}

/// All results that are there, in the order of their tasks.
fn results(farm: &mut dyn Farm) -> Vec<Done> {
    let mut all = Vec::new();
    loop {
        let more = farm.collect(NOW).unwrap();
        if more.is_empty() {
            all.sort_by_key(|done: &Done| done.task);
            return all;
        }
        all.extend(more);
    }
}

fn ids(loans: &[Loan]) -> Vec<u64> {
    let mut ids: Vec<_> = loans.iter().map(|loan| loan.task.id).collect();
    ids.sort_unstable();
    ids
}

fn a_task_put_twice_is_held_once(job: &Job) {
    let mut farm = job.with_tasks(2);
    assert_eq!(farm.put(&[task(1), task(2)]), Ok(1));
    assert_eq!(farm.put(&[]), Ok(0));
    assert_eq!(job.open().put(&[task(0)]), Ok(0), "by whoever it is");
    assert_eq!(ids(&farm.take(9, NOW).unwrap()), [0, 1, 2]);
    assert_eq!(farm.put(&[task(1)]), Ok(0), "also on loan");
    assert!(farm.take(9, NOW).unwrap().is_empty());
}

fn a_task_that_has_its_result_is_not_held_again(job: &Job) {
    let mut farm = job.with_tasks(2);
    let loans = farm.take(1, NOW).unwrap();
    let id = loans[0].task.id;
    farm.finish(&[done(id, "done")]).unwrap();
    assert_eq!(job.open().put(&[task(0), task(1)]), Ok(0));
    assert_eq!(ids(&farm.take(9, NOW).unwrap()), [1 - id]);
    assert_eq!(farm.put(&[task(id)]), Ok(0));
    assert!(farm.take(9, NOW).unwrap().is_empty());
}

fn every_kind_of_task_and_result_arrives_as_it_was(job: &Job) {
    let text = "3411 * 3411 = 11634921 \u{2713}".repeat(1000);
    let bodies = [
        Value::None,
        true.into(),
        i64::MIN.into(),
        "".into(),
        text.as_str().into(),
        Value::Tuple(vec![1.into(), "two".into(), Value::None]),
    ];
    let tasks = bodies.iter().cloned().zip(0..);
    let tasks: Vec<_> = tasks.map(|(body, id)| Task { id, body }).collect();
    let mut farm = job.open();
    assert_eq!(farm.put(&tasks), Ok(tasks.len()));
    let mut loans = farm.take(9, NOW).unwrap();
    loans.sort_by_key(|loan| loan.task.id);
    assert!(loans.iter().map(|loan| &loan.task).eq(&tasks));
    let finished = tasks.into_iter().map(|Task { id, body }| {
        let (task, result) = (id, body);
        Done { task, result }
    });
    let finished: Vec<_> = finished.collect();
    farm.finish(&finished).unwrap();
    assert_eq!(results(&mut *farm), finished);
}

fn nobody_gets_more_tasks_than_wanted(job: &Job) {
    let mut farm = job.with_tasks(1200);
    let mut all = Vec::new();
    for (max, got) in [(1, 1), (4, 4), (1100, 1100), (100, 95), (9, 0)] {
        let loans = farm.take(max, NOW).unwrap();
        assert_eq!(loans.len(), got);
        assert!(loans.iter().all(|loan| loan.tried == 1));
        all.extend(loans);
    }
    assert!(ids(&all).into_iter().eq(0..1200));
}

fn whoever_waits_for_a_task_gets_the_first_that_comes(job: &Job) {
    let mut farm = job.open();
    thread::scope(|s| {
        let waits = s.spawn(|| take(&mut *job.open()));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        assert_eq!(farm.put(&[task(5)]), Ok(1));
        assert_eq!(waits.join().unwrap().task, task(5));
    });
}

fn whoever_waits_in_vain_waits_as_long_as_told(job: &Job) {
    let mut farm = job.open();
    for wait in [0, 10, 300].map(Duration::from_millis) {
        let began = Instant::now();
        assert_eq!(farm.take(1, wait), Ok(vec![]));
        assert!(began.elapsed() >= wait);
        let began = Instant::now();
        assert_eq!(farm.collect(wait), Ok(vec![]));
        assert!(began.elapsed() >= wait);
    }
}

fn the_first_result_counts_and_others_are_dropped(job: &Job) {
    let mut farm = job.with_tasks(1);
    take(&mut *farm);
    farm.finish(&[done(0, "first"), done(0, "second")]).unwrap();
    job.open().finish(&[done(0, "third")]).unwrap();
    assert_eq!(results(&mut *farm), [done(0, "first")]);
    assert_eq!(farm.collect(NOW), Ok(vec![]), "seen already");
    let status = job.open().status().unwrap();
    assert_eq!((status.done, status.dropped), (1, 2));
    assert_eq!((status.waiting, status.out), (0, 0));
}

fn a_result_that_is_handed_in_again_changes_nothing(job: &Job) {
    let mut farm = job.with_tasks(3);
    farm.take(2, NOW).unwrap();
    for _ in 0..3 {
        farm.finish(&[done(0, "a"), done(1, "b")]).unwrap();
    }
    let status = job.open().status().unwrap();
    assert_eq!((status.waiting, status.out, status.done), (1, 0, 2));
    let both = [done(0, "a"), done(1, "b")];
    assert_eq!(results(&mut *job.open()), both);
}

fn what_is_exchanged_has_come_when_the_call_returns(job: &Job) {
    let (mut worker, mut master) = (job.with_tasks(5), job.open());
    let (mut finished, mut came) = (Vec::new(), 0);
    for (loans, before) in [(2, 0), (2, 2), (1, 4), (0, 5)] {
        let next = worker.exchange(&finished, 2, NOW).unwrap();
        came += results(&mut *master).len();
        assert_eq!((next.len(), came), (loans, before));
        finished = next.iter().map(|loan| done(loan.task.id, "")).collect();
    }
}

fn a_loan_ends_and_somebody_else_gets_the_task(job: &Job) {
    let began = Instant::now();
    let first = take(&mut *job.with_tasks(1));
    let mut other = job.open();
    let second = take(&mut *other);
    assert!(began.elapsed() >= SHORT);
    assert_eq!((first.task, first.tried), (task(0), 1));
    assert_eq!(second.task, task(0));
    assert!(second.tried > 1);
    assert_ne!(first.number, second.number);
    assert!(job.open().status().unwrap().again >= 1);
}

fn a_late_result_still_counts_if_it_is_the_first(job: &Job) {
    let (mut slow, mut quick) = (job.with_tasks(1), job.open());
    take(&mut *slow);
    take(&mut *quick);
    slow.finish(&[done(0, "late")]).unwrap();
    quick.finish(&[done(0, "too late")]).unwrap();
    assert_eq!(results(&mut *quick), [done(0, "late")]);
    thread::sleep(2 * SHORT);
    assert_eq!(slow.take(1, NOW), Ok(vec![]));
}

fn whoever_renews_keeps_the_task(job: &Job) {
    let (mut farm, mut other) = (job.with_tasks(1), job.open());
    let loan = take(&mut *farm);
    let began = Instant::now();
    let mut renewed = began;
    while began.elapsed() < 2 * RENEWED {
        farm.renew(std::slice::from_ref(&loan)).unwrap();
        let others = other.take(1, Duration::from_millis(50)).unwrap();
        if renewed.elapsed() > RENEWED / 2 {
            return; // This machine stood still: nobody could renew in time.
        }
        assert_eq!(others, []);
        renewed = Instant::now();
    }
    farm.finish(&[done(0, "mine")]).unwrap();
    assert_eq!(job.open().status().unwrap().again, 0);
}

fn what_is_given_back_is_lent_again_at_once(job: &Job) {
    let mut farm = job.with_tasks(3);
    let loans = farm.take(3, NOW).unwrap();
    farm.give_back(&loans[1..]).unwrap();
    farm.give_back(&loans[1..]).unwrap(); // Which changes nothing.
    let mut other = job.open();
    let mut again = vec![take(&mut *other), take(&mut *other)];
    assert_eq!(ids(&again), ids(&loans[1..]));
    assert!(again.iter().all(|loan| loan.tried == 2));
    farm.give_back(&loans[1..]).unwrap(); // They are other loans by now.
    again.extend(other.take(9, Duration::from_millis(100)).unwrap());
    assert_eq!(again.len(), 2);
    assert_eq!(job.open().status().unwrap().again, 2);
}

fn whose_loan_has_ended_has_nothing_to_give_back(job: &Job) {
    let (mut slow, mut quick) = (job.with_tasks(1), job.open());
    let ended = take(&mut *slow);
    let held = take(&mut *quick);
    slow.give_back(&[ended]).unwrap();
    quick.renew(&[held]).unwrap();
    quick.finish(&[done(0, "done")]).unwrap();
    assert_eq!(results(&mut *slow), [done(0, "done")]);
    assert_eq!(slow.take(1, 2 * SHORT), Ok(vec![]), "it is settled");
}

fn a_loan_of_before_is_no_loan_now(job: &Job) {
    let mut farm = job.with_tasks(1);
    let before = take(&mut *farm);
    farm.give_back(std::slice::from_ref(&before)).unwrap();
    take(&mut *farm);
    farm.give_back(&[before]).unwrap();
    let other = job.open().take(1, Duration::from_millis(100));
    assert_eq!(other, Ok(vec![]), "it is on loan again");
}

fn what_was_given_back_and_is_finished_late_is_not_lent_again(job: &Job) {
    let mut farm = job.with_tasks(1);
    let loan = take(&mut *farm);
    farm.give_back(&[loan]).unwrap();
    farm.finish(&[done(0, "late")]).unwrap();
    assert_eq!(farm.take(1, NOW), Ok(vec![]));
    let status = job.open().status().unwrap();
    assert_eq!((status.waiting, status.out, status.done), (0, 0, 1));
}

fn a_new_handle_sees_all_results(job: &Job) {
    let mut farm = job.with_tasks(2);
    farm.take(2, NOW).unwrap();
    farm.finish(&[done(0, "a")]).unwrap();
    assert_eq!(results(&mut *farm), [done(0, "a")]);
    farm.finish(&[done(1, "b")]).unwrap();
    let both = [done(0, "a"), done(1, "b")];
    assert_eq!(results(&mut *job.open()), both);
    assert_eq!(results(&mut *farm), both[1..]);
}

fn whoever_waits_for_a_result_gets_the_first_that_comes(job: &Job) {
    let mut farm = job.with_tasks(1);
    take(&mut *farm);
    thread::scope(|s| {
        let waits = s.spawn(|| job.open().collect(SOON));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        farm.finish(&[done(0, "a")]).unwrap();
        assert_eq!(waits.join().unwrap(), Ok(vec![done(0, "a")]));
    });
}

fn the_status_tells_where_the_tasks_are(job: &Job) {
    let (mut farm, mut other) = (job.with_tasks(5), job.open());
    let mut hold = |waiting, out, done| {
        let it = other.status().unwrap();
        assert_eq!((it.waiting, it.out, it.done), (waiting, out, done));
        assert!(!it.over);
    };
    hold(5, 0, 0);
    let loans = farm.take(3, NOW).unwrap();
    hold(2, 3, 0);
    farm.finish(&[done(loans[0].task.id, "")]).unwrap();
    hold(2, 2, 1);
    farm.finish(&[done(loans[1].task.id, ""), done(loans[2].task.id, "")])
        .unwrap();
    hold(2, 0, 3);
}

fn all_handles_hear_that_it_is_over(job: &Job) {
    let (mut master, mut worker) = (job.with_tasks(1), job.open());
    take(&mut *worker);
    worker.finish(&[done(0, "")]).unwrap();
    assert!(!worker.status().unwrap().over, "the master has not said so");
    master.close().unwrap();
    assert!(worker.status().unwrap().over);
    let began = Instant::now();
    assert_eq!(worker.take(1, SOON), Ok(vec![]));
    assert!(began.elapsed() < SOON);
    assert!(job.open().status().unwrap().over);
}

fn whoever_waits_hears_that_it_is_over(job: &Job) {
    let mut master = job.open();
    let began = Instant::now();
    thread::scope(|s| {
        let waits = s.spawn(|| job.open().take(1, SOON));
        thread::sleep(Duration::from_millis(100)); // Most often it waits now.
        master.close().unwrap();
        assert_eq!(waits.join().unwrap(), Ok(vec![]));
    });
    assert!(began.elapsed() < SOON);
}

fn it_is_not_over_when_new_tasks_come(job: &Job) {
    let mut master = job.with_tasks(1);
    master.close().unwrap();
    assert_eq!(master.put(&[task(0)]), Ok(0));
    assert!(job.open().status().unwrap().over, "it is not new");
    assert_eq!(master.put(&[task(1)]), Ok(1));
    assert!(!job.open().status().unwrap().over);
}

fn a_cleared_farm_is_empty_and_can_be_filled_again(job: &Job) {
    let mut farm = job.with_tasks(3);
    for _ in 0..9 {
        let loan = take(&mut *farm);
        farm.give_back(&[loan]).unwrap();
    }
    let loan = take(&mut *farm);
    farm.finish(&[done(1, "x")]).unwrap();
    farm.clear().unwrap();
    let status = job.open().status().unwrap();
    assert_eq!((status.waiting, status.out, status.done), (0, 0, 0));
    assert_eq!(status.again, 0);
    assert_eq!(results(&mut *farm), []);
    assert_eq!(results(&mut *job.open()), []);
    farm.give_back(&[loan]).unwrap();
    assert_eq!(farm.take(9, NOW), Ok(vec![]));
    assert_eq!(farm.put(&[task(0), task(1), task(2)]), Ok(3));
    assert_eq!(ids(&farm.take(9, NOW).unwrap()), [0, 1, 2]);
    farm.finish(&[done(1, "y")]).unwrap();
    assert_eq!(results(&mut *farm), [done(1, "y")]);
}

fn many_workers_lose_nothing_and_double_nothing(job: &Job) {
    let mut farm = job.with_tasks(3000);
    thread::scope(|s| {
        for worker in 0..8 {
            s.spawn(move || work(job, 1 + 10 * worker));
        }
    });
    let all = results(&mut *farm);
    assert!(all.iter().map(|done| done.task).eq(0..3000));
    let status = farm.status().unwrap();
    assert_eq!((status.done, status.dropped), (3000, 0));
    assert_eq!((status.waiting, status.out), (0, 0));
}

/// Works until all is done; gives some back at first.
fn work(job: &Job, max: usize) {
    let (mut farm, mut looks) = (job.open(), job.open());
    let mut finished = Vec::new();
    loop {
        let mut loans = farm.exchange(&finished, max, NOW).unwrap();
        if loans.is_empty() && looks.status().unwrap().done == 3000 {
            return;
        }
        let back =
            |loan: &mut Loan| loan.task.id.is_multiple_of(7) && loan.tried == 1;
        let back: Vec<_> = loans.extract_if(.., back).collect();
        farm.give_back(&back).unwrap();
        finished = loans.iter().map(|it| done(it.task.id, "")).collect();
    }
}
