//! A worker keeps the rules of a lease, whatever its function does.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pymanagers::to_value;
use serde::{Deserialize, Serialize};
use task_farm::{
    Done, Error, JobOwner, Lease, MemoryJob, Report, Task, TaskSource, Value,
    Worker, WorkerEvent,
};

const SOON: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(600);

fn task(id: u64) -> Task {
    Task { id, body: id.cast_signed().into() }
}

fn job(tasks: u64, lease: Duration) -> MemoryJob {
    let mut job = MemoryJob::new(Some(lease));
    job.put(&(0..tasks).map(task).collect::<Vec<_>>()).unwrap();
    job
}

fn worker(job: &MemoryJob) -> Worker {
    let job = job.clone();
    Worker::new(move || Ok(Box::new(job.clone())))
        .poll(Duration::from_millis(50))
}

/// So many reports, as soon as they have come.
fn reports(job: &mut MemoryJob, count: usize) -> Vec<Report> {
    let mut all = Vec::new();
    while all.len() < count {
        let more = job.collect(SOON).unwrap();
        assert!(!more.is_empty(), "{all:?}");
        all.extend(more);
    }
    all
}

fn spawn(
    worker: Worker,
    function: impl FnMut(&Lease) -> Result<Value, String> + Send + 'static,
) -> JoinHandle<Result<(), Error>> {
    thread::spawn(move || worker.run_values(function))
}

#[test]
fn a_task_longer_than_its_lease_is_run_once() {
    let lease = Duration::from_millis(300);
    let mut job = job(1, lease);
    let runs = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let runs = runs.clone();
            spawn(worker(&job), move |lease| {
                runs.fetch_add(1, SeqCst);
                thread::sleep(Duration::from_millis(1500));
                Ok(lease.task.body.clone())
            })
        })
        .collect();
    let report = reports(&mut job, 1);
    assert_eq!(report, [Report::Done(Done { task: 0, result: 0.into() })]);
    job.close().unwrap();
    workers.into_iter().for_each(|it| it.join().unwrap().unwrap());
    assert_eq!(runs.load(SeqCst), 1);
    assert_eq!(job.stats().unwrap().redelivered, 0);
}

#[test]
fn no_task_of_a_long_batch_is_done_twice() {
    let mut job = job(12, Duration::from_millis(400));
    let workers = [(); 2].map(|()| {
        spawn(worker(&job).batch(6), |lease| {
            thread::sleep(Duration::from_millis(150));
            Ok(lease.task.body.clone())
        })
    });
    reports(&mut job, 12);
    job.close().unwrap();
    workers.into_iter().for_each(|it| it.join().unwrap().unwrap());
    let stats = job.stats().unwrap();
    assert_eq!((stats.redelivered, stats.duplicates), (0, 0));
}

/// A source that counts how often leases are extended.
struct Counting(MemoryJob, Arc<AtomicUsize>);

impl TaskSource for Counting {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.0.take(max, wait)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        self.1.fetch_add(1, SeqCst);
        self.0.extend(leases)
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        self.0.complete(done)
    }

    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        self.0.fail(lease, why)
    }

    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        self.0.release(leases)
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        self.0.is_closed()
    }
}

#[test]
fn leases_are_extended_three_times_a_lease_and_no_oftener() {
    let mut job = job(33, LONG);
    let calls = Arc::new(AtomicUsize::new(0));
    let source = job.clone();
    let count = calls.clone();
    let open = move || -> Result<Box<dyn TaskSource>, Error> {
        Ok(Box::new(Counting(source.clone(), count.clone())))
    };
    let working =
        spawn(Worker::new(open).batch(33), |it| Ok(it.task.body.clone()));
    reports(&mut job, 33);
    job.close().unwrap();
    working.join().unwrap().unwrap();
    assert_eq!(calls.load(SeqCst), 0, "a third of it has not gone by");
}

#[test]
fn a_failure_is_reported_as_a_failure() {
    let mut job = job(3, LONG);
    let working = spawn(worker(&job), |lease| match lease.task.id {
        0 => Err("no such file".into()),
        1 => panic!("a panic is one, too"),
        _ => Ok("fine".into()),
    });
    let failed =
        |task, why: &str| Report::Failed { task, why: why.to_string() };
    let done = Report::Done(Done { task: 2, result: "fine".into() });
    let expected = [failed(0, "no such file"), failed(1, "it panicked"), done];
    assert_eq!(reports(&mut job, 3), expected);
    job.close().unwrap();
    working.join().unwrap().unwrap();
}

#[derive(Deserialize, Serialize)]
struct Words {
    words: Vec<String>,
    limit: Option<u32>,
}

#[test]
fn tasks_and_results_have_the_types_of_the_function() {
    let mut job = MemoryJob::new(Some(LONG));
    let words = Words { words: vec!["a".into(), "bc".into()], limit: None };
    let bodies = [to_value(&words).unwrap(), "no words".into()];
    let tasks = (0..).zip(bodies).map(|(id, body)| Task { id, body });
    job.put(&tasks.collect::<Vec<_>>()).unwrap();
    let worker = worker(&job);
    let working = thread::spawn(move || {
        worker.run(|task: Words| -> Result<_, std::fmt::Error> {
            Ok((task.words.concat(), task.limit))
        })
    });
    let reports = reports(&mut job, 2);
    job.close().unwrap();
    working.join().unwrap().unwrap();
    let result = Value::Tuple(vec!["abc".into(), Value::None]);
    assert_eq!(reports[0], Report::Done(Done { task: 0, result }));
    let Report::Failed { task: 1, why } = &reports[1] else {
        panic!("{reports:?}");
    };
    assert!(why.starts_with("no task: "), "{why}");
}

#[test]
fn a_worker_that_is_stopped_hands_in_what_is_done_and_releases_the_rest() {
    let mut job = job(5, LONG);
    let (says, events) = mpsc::channel();
    let worker = worker(&job).batch(5).tell(move |event| {
        if let WorkerEvent::Released(tasks) = event {
            says.send(tasks).unwrap();
        }
    });
    let (stop, (third, is_third)) = (worker.stop_handle(), mpsc::channel());
    let working = spawn(worker, move |lease| {
        if lease.task.id == 2 {
            third.send(()).unwrap();
            thread::sleep(LONG); // It is not waited for.
        }
        Ok(lease.task.body.clone())
    });
    is_third.recv().unwrap();
    stop.stop();
    let stopped = Err(Error::Interrupted { unreleased: 0 });
    assert_eq!(working.join().unwrap(), stopped);
    assert_eq!(events.recv(), Ok(3));
    let done = |task: u64| {
        let result = task.cast_signed().into();
        Report::Done(Done { task, result })
    };
    assert_eq!(reports(&mut job, 2), [done(0), done(1)]);
    let stats = job.stats().unwrap();
    assert_eq!((stats.waiting, stats.leased), (3, 0));
}

/// A farm that does not answer.
struct Frozen(MemoryJob, Mutex<()>);

impl TaskSource for Frozen {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        self.0.take(max, wait)
    }

    fn extend(&mut self, _: &[Lease]) -> Result<(), Error> {
        Ok(())
    }

    fn complete(&mut self, _: &[Done]) -> Result<(), Error> {
        Ok(())
    }

    fn fail(&mut self, _: &Lease, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn release(&mut self, _: &[Lease]) -> Result<(), Error> {
        let _never = self.1.lock();
        thread::sleep(LONG);
        Ok(())
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        Ok(false)
    }
}

#[test]
fn a_farm_that_does_not_answer_does_not_hold_a_worker_that_is_stopped() {
    let job = job(3, LONG);
    let open = move || -> Result<Box<dyn TaskSource>, Error> {
        Ok(Box::new(Frozen(job.clone(), Mutex::default())))
    };
    let worker = Worker::new(open).batch(3);
    let (stop, (began, has_begun)) = (worker.stop_handle(), mpsc::channel());
    let working = spawn(worker, move |_| {
        began.send(()).unwrap();
        thread::sleep(LONG);
        Ok(Value::None)
    });
    has_begun.recv().unwrap();
    stop.stop();
    let stopped = Err(Error::Interrupted { unreleased: 3 });
    assert_eq!(working.join().unwrap(), stopped);
}

#[test]
fn a_worker_that_retries_waits_for_its_farm() {
    let mut job = job(1, LONG);
    let source = job.clone();
    let mut tries = 0;
    let open = move || -> Result<Box<dyn TaskSource>, Error> {
        tries += 1;
        match tries {
            1..3 => Err(Error::Gone("no farm there".into())),
            _ => Ok(Box::new(source.clone())),
        }
    };
    let (says, events) = mpsc::channel();
    let worker = Worker::new(open).retry_every(Duration::from_millis(10));
    let worker = worker.tell(move |event| {
        let line = match event {
            WorkerEvent::Waits(why) => format!("waits: {why}"),
            WorkerEvent::Back => "back".into(),
            _ => return,
        };
        says.send(line).unwrap();
    });
    let working = spawn(worker, |lease| Ok(lease.task.body.clone()));
    reports(&mut job, 1);
    job.close().unwrap();
    working.join().unwrap().unwrap();
    assert!(events.iter().eq(["waits: no farm there", "back"]), "said once");
}

#[test]
fn a_worker_without_retry_ends_with_the_error() {
    let gone = || Err(Error::Gone("no farm there".into()));
    let ended = Worker::new(gone).run_values(|_| Ok(Value::None));
    assert_eq!(ended, Err(Error::Gone("no farm there".into())));
}

#[test]
fn a_pill_ends_the_worker_and_has_no_result() {
    let mut job = job(2, LONG);
    job.put(&[Task { id: 7, body: "end".into() }, task(8)]).unwrap();
    let worker = worker(&job).batch(9).stop_at("end".into());
    worker.run_values(|lease| Ok(lease.task.body.clone())).unwrap();
    assert_eq!(reports(&mut job, 2).len(), 2);
    let left = job.take(9, Duration::ZERO).unwrap();
    assert_eq!(left[0].task, task(8));
}
