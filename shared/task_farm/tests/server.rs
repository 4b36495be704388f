//! A job over the network, with workers that know nothing of ids: each of
//! these is a client of the two queues, as a Python worker is.

use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::{Client, Key, Proxy, Value};
use task_farm::{
    Done, Error, FarmEvent, FarmServer, JobOwner, Lease, MemoryJob, Report,
    Task, TaskSource, open_manager,
};

const NOW: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_secs(600);

fn key() -> Key {
    Key::from("abc")
}

fn task(id: u64) -> Task {
    Task { id, body: id.cast_signed().into() }
}

fn job(tasks: u64, lease: Option<Duration>) -> MemoryJob {
    let mut job = MemoryJob::new(lease);
    job.put(&(0..tasks).map(task).collect::<Vec<_>>()).unwrap();
    job
}

fn serve(job: MemoryJob) -> FarmServer {
    FarmServer::builder(job).open("127.0.0.1:0", key()).unwrap()
}

/// `result of 3` names the task 3.
fn named(value: &Value) -> Option<Value> {
    let number = value.as_str()?.strip_prefix("result of ")?;
    number.parse::<i64>().ok().map(Value::from)
}

/// A server that matches results by name, and its events.
fn serve_named(job: MemoryJob) -> (FarmServer, Receiver<FarmEvent>) {
    let (sender, events) = mpsc::channel();
    let server = FarmServer::builder(job).task_of(named);
    let server = server.log(move |event| drop(sender.send(event)));
    (server.open("127.0.0.1:0", key()).unwrap(), events)
}

fn worker(server: &FarmServer) -> Box<dyn TaskSource> {
    open_manager(server.address(), &key()).unwrap()
}

/// What a Python worker has: two proxies that share a connection.
struct Plain {
    tasks: Proxy,
    results: Proxy,
}

impl Plain {
    fn connect(server: &FarmServer) -> Self {
        let client = Client::connect(server.address(), &key()).unwrap();
        let tasks = client.proxy("get_task_queue").unwrap();
        let results = client.proxy("get_result_queue").unwrap();
        Self { tasks, results }
    }

    fn get(&self) -> i64 {
        self.tasks.get(SOON).unwrap().as_int().unwrap()
    }

    fn put(&self, value: impl Into<Value>) {
        self.results.put(value, SOON).unwrap();
    }
}

fn name(task: i64) -> String {
    format!("result of {task}")
}

fn reports(server: &FarmServer) -> Vec<Report> {
    server.job().collect(NOW).unwrap()
}

fn report(task: i64, result: impl Into<Value>) -> Report {
    let task = task.cast_unsigned();
    let result = result.into();
    Report::Done(Done { task, result })
}

fn work_once(worker: &mut dyn TaskSource) -> bool {
    let leases = worker.take(1, NOW).unwrap();
    for Lease { task, .. } in &leases {
        let result = name(task.body.as_int().unwrap()).into();
        worker.complete(&[Done { task: task.id, result }]).unwrap();
    }
    !leases.is_empty()
}

#[test]
fn a_result_is_credited_to_no_task_but_its_own() {
    let server = serve(job(3, Some(Duration::from_secs(2))));
    let careless = Plain::connect(&server);
    let first = careless.get();
    let second = careless.get();
    careless.put(second * second); // An exception ate the other one's.
    let squares = vec![Report::Unmatched((second * second).into())];
    assert_eq!(reports(&server), squares);
    // Both tasks go back: nothing is known of either.
    let careful = Plain::connect(&server);
    let mut all = Vec::new();
    for _ in 0..3 {
        let n = careful.get();
        careful.put(n * n);
        all.extend(reports(&server));
    }
    all.sort_by_key(|it| format!("{it:?}"));
    let expected = [0, 1, 2].map(|n| report(n, n * n));
    assert_eq!(all, expected, "{first} was done, too");
}

#[test]
fn a_result_that_names_its_task_settles_it() {
    let (server, _) = serve_named(job(3, Some(LONG)));
    let takes = Plain::connect(&server);
    let puts = Plain::connect(&server);
    assert_eq!([takes.get(), takes.get()], [0, 1]);
    takes.put(name(1));
    puts.put(name(0)); // Taken on another connection.
    puts.put(name(2)); // It is still waiting.
    let named = [1, 0, 2].map(|n| report(n, name(n)));
    assert_eq!(reports(&server), named);
    let stats = server.job().stats().unwrap();
    assert_eq!((stats.waiting, stats.leased, stats.done), (0, 0, 3));
}

#[test]
fn what_is_no_result_takes_no_tasks_place_and_arrives() {
    let (server, _) = serve_named(job(1, Some(LONG)));
    let worker = Plain::connect(&server);
    let n = worker.get();
    worker.put("HEARTBEAT");
    worker.put(name(n));
    let heartbeat = Report::Unmatched("HEARTBEAT".into());
    assert_eq!(reports(&server), [heartbeat, report(n, name(n))]);
}

#[test]
fn a_second_result_is_dropped_and_said_to_be() {
    let (server, events) = serve_named(job(2, Some(LONG)));
    let worker = Plain::connect(&server);
    let first = worker.get();
    let second = worker.get();
    for n in [first, first, second, second] {
        worker.put(name(n));
    }
    let once = [first, second].map(|n| report(n, name(n)));
    assert_eq!(reports(&server), once);
    assert_eq!(server.job().stats().unwrap().duplicates, 2);
    let tasks: Vec<_> = events.try_iter().collect();
    assert!(matches!(tasks[0], FarmEvent::Duplicate(_, 0, _)), "{tasks:?}");
    assert!(matches!(tasks[1], FarmEvent::Duplicate(_, 1, _)), "{tasks:?}");
}

/// A fresh proxy for each call, as Python's `m.get_task_queue().get()`: the
/// connection ends with it, and the worker continues.
#[test]
fn temporary_proxies_lose_nothing_and_double_nothing() {
    let server = serve(job(5, Some(LONG)));
    let queue = |name| {
        let client = Client::connect(server.address(), &key()).unwrap();
        client.proxy(name).unwrap()
    };
    for id in 0..5 {
        let n = queue("get_task_queue").get(SOON).unwrap();
        queue("get_result_queue").put(n.clone(), SOON).unwrap();
        let mut all = reports(&server);
        if all.len() == 1 {
            // The end of the connection settles the task, maybe later.
            all.extend(server.job().collect(SOON).unwrap());
        }
        assert_eq!(all, [Report::Unmatched(n), Report::Settled(vec![id])]);
    }
    let stats = server.job().stats().unwrap();
    assert_eq!((stats.done, stats.redelivered), (5, 0));
}

/// Their results are numbers: only their count says that all have come.
#[test]
fn results_of_other_threads_settle_the_tasks_when_all_have_come() {
    let server = serve(job(5, Some(LONG)));
    let takes = Plain::connect(&server);
    let tasks: Vec<_> = (0..5).map(|_| takes.get()).collect();
    assert!(takes.tasks.get(NOW).unwrap_err().is_empty(), "it asks for more");
    thread::scope(|s| {
        for n in &tasks {
            let server = &server;
            s.spawn(move || Plain::connect(server).put(n * n));
        }
    });
    let mut all = reports(&server);
    let settled = all.iter().position(|it| matches!(it, Report::Settled(_)));
    let settled = all.remove(settled.expect("the fifth says so"));
    let Report::Settled(mut ids) = settled else { unreachable!() };
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 2, 3, 4]);
    let mut squares: Vec<_> = all
        .into_iter()
        .map(|it| match it {
            Report::Unmatched(value) => value.as_int().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    squares.sort_unstable();
    assert_eq!(squares, [0, 1, 4, 9, 16]);
    assert_eq!(server.job().stats().unwrap().done, 5);
}

#[test]
fn a_plain_queue_gives_its_tasks_away() {
    let server = serve(job(2, Some(NOW)));
    let worker = Plain::connect(&server);
    let n = worker.get();
    worker.tasks.client().close(); // It gives no references back.
    let other = Plain::connect(&server);
    assert_eq!([n, other.get()], [0, 1]);
    assert!(other.tasks.get(NOW).unwrap_err().is_empty(), "0 is lost");
    other.put("text");
    other.put("other text");
    let texts = ["text", "other text"].map(Value::from);
    let values: Vec<_> = reports(&server)
        .into_iter()
        .filter_map(|report| match report {
            Report::Unmatched(value) => Some(value),
            Report::Done(Done { result, .. }) => Some(result),
            _ => None,
        })
        .collect();
    assert_eq!(values, texts);
}

#[test]
fn a_worker_may_put_back_what_it_has_taken_and_nothing_else() {
    let server = serve(job(2, Some(LONG)));
    let worker = Plain::connect(&server);
    let n = worker.get();
    worker.tasks.put(n, NOW).unwrap();
    let refused = worker.tasks.put(n, NOW).unwrap_err();
    assert!(refused.to_string().contains("only the master"), "{refused}");
    assert_eq!([worker.get(), worker.get()], [1, 0]);
}

#[test]
fn a_task_goes_back_when_its_worker_hangs_up() {
    let server = serve(job(3, None));
    let mut first = worker(&server);
    assert_eq!(first.take(2, NOW).unwrap().len(), 2);
    drop(first);
    let mut second = worker(&server);
    let mut bodies: Vec<_> = (0..3)
        .map(|_| second.take(1, SOON).unwrap().remove(0).task.body)
        .collect();
    bodies.sort_by_key(Value::as_int);
    assert_eq!(bodies, [0, 1, 2].map(Value::from));
}

/// Each alone fits into a message; all together do not. One that does not even
/// alone is a failure, and its task does not come again.
#[test]
fn results_that_are_too_large_to_be_sent_keep_no_other_waiting() {
    let server = serve(job(4, Some(LONG)));
    let mut worker = worker(&server);
    let leases = worker.take(4, NOW).unwrap();
    let sizes = [9 << 20, 17 << 20, 9 << 20, 1];
    let results = leases.iter().zip(sizes).map(|(lease, size)| {
        let result = Value::Bytes(vec![7; size]);
        Done { task: lease.task.id, result }
    });
    worker.complete(&results.collect::<Vec<_>>()).unwrap();
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for report in reports(&server) {
        match report {
            Report::Done(it) => done.push(it.task),
            Report::Failed { task, why } => failed.push((task, why)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(done, [0, 2, 3]);
    let why = "its result cannot be sent: more than 16777216 bytes (the limit)";
    assert_eq!(failed, [(1, why.to_string())]);
    assert_eq!(worker.take(1, NOW), Ok(vec![]));
}

#[test]
fn tasks_that_do_not_fit_into_one_message_come_in_several() {
    let mut job = MemoryJob::new(Some(LONG));
    let body = Value::List(vec![Value::Bytes(vec![7; 5 << 20])]);
    let tasks = (0..4).map(|id| Task { id, body: body.clone() });
    job.put(&tasks.collect::<Vec<_>>()).unwrap();
    let server = serve(job);
    let mut worker = worker(&server);
    for id in 0..4 {
        let leases = worker.take(4, NOW).unwrap();
        assert_eq!((leases.len(), leases[0].task.id), (1, id));
        assert_eq!(leases[0].delivery_count, 1);
    }
    assert_eq!(server.job().stats().unwrap().failed, 0);
}

#[test]
fn a_late_result_is_dropped_and_counted() {
    let server = serve(job(1, Some(Duration::from_millis(50))));
    let mut slow = worker(&server);
    let mut quick = worker(&server);
    let late = slow.take(1, NOW).unwrap();
    let again = quick.take(1, SOON).unwrap();
    for (worker, lease) in [(&mut quick, &again[0]), (&mut slow, &late[0])] {
        let result = "done 0".into();
        worker.complete(&[Done { task: lease.task.id, result }]).unwrap();
    }
    assert_eq!(reports(&server), [report(0, "done 0")]);
    let stats = server.job().stats().unwrap();
    assert_eq!((stats.redelivered, stats.duplicates, stats.done), (1, 1, 1));
}

#[test]
fn a_stopped_job_and_a_closed_one_tell_their_workers() {
    let open = serve(job(1, None));
    let mut first = worker(&open);
    assert!(work_once(&mut *first));
    thread::scope(|s| {
        assert_eq!(first.is_closed(), Ok(false), "the owner has not said so");
        let waits = s.spawn(|| {
            assert_eq!(first.take(1, SOON), Ok(vec![]));
            assert_eq!(first.is_closed(), Ok(true));
            drop(first);
        });
        open.shutdown(SOON); // As soon as the worker has hung up.
        waits.join().unwrap();
    });
    let open = serve(job(0, None));
    let mut first = worker(&open);
    open.job().stop();
    assert_eq!(first.take(1, SOON), Err(Error::Stopped));
}

/// As with CPython's own queue, also after the last result.
#[test]
fn a_worker_that_asks_on_waits_as_long_as_it_asked() {
    let server = serve(job(0, Some(LONG)));
    let worker = Plain::connect(&server);
    server.job().close().unwrap();
    let wait = Duration::from_millis(300);
    let began = Instant::now();
    assert!(worker.tasks.get(wait).unwrap_err().is_empty());
    assert!(began.elapsed() >= wait);
    thread::scope(|s| {
        let waits = s.spawn(|| worker.tasks.get(LONG));
        let soon = Duration::from_millis(100);
        server.shutdown(soon);
        assert!(waits.join().unwrap().unwrap_err().is_gone());
    });
}

#[test]
fn a_request_that_was_read_is_answered_before_the_server_leaves() {
    for _ in 0..20 {
        let server = serve(job(1, None));
        let mut worker = worker(&server);
        let leases = worker.take(1, NOW).unwrap();
        let mut owner = server.job();
        thread::scope(|s| {
            s.spawn(move || {
                let result = "done 0".into();
                let done = Done { task: leases[0].task.id, result };
                worker.complete(&[done]).expect("its reply is not lost");
            });
            owner.collect(SOON).unwrap();
            server.shutdown(SOON);
        });
    }
}

#[test]
fn two_hundred_connections_at_once_lose_nothing() {
    const TASKS: u64 = 20_000;
    let server = serve(job(TASKS, Some(LONG)));
    let all_here = std::sync::Barrier::new(200);
    thread::scope(|s| {
        for _ in 0..200 {
            s.spawn(|| {
                let mut worker = worker(&server);
                all_here.wait();
                while work_once(&mut *worker) {}
            });
        }
    });
    let mut ids: Vec<_> = reports(&server)
        .into_iter()
        .map(|report| match report {
            Report::Done(done) => done.task,
            other => panic!("{other:?}"),
        })
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..TASKS), "each result once");
    let stats = server.job().stats().unwrap();
    assert_eq!((stats.workers_seen, stats.duplicates), (200, 0));
}
