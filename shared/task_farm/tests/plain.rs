//! A worker of two plain queues, as a Python master has them: nothing is
//! leased, and `task_done` counts.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::{
    Arguments, CallError, Caller, Key, ManagedObject, Queue, Server,
    ServerHandle, Value, Wait,
};
use task_farm::{Done, Lease, TaskSource, open_manager};

const NOW: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_secs(20);

/// A master with these tasks.
struct Master {
    tasks: Arc<Queue>,
    results: Arc<Queue>,
    server: ServerHandle,
}

impl Master {
    fn new(tasks: i64, max_results: usize) -> Self {
        Self::sharing(tasks, max_results, |queue| queue)
    }

    fn sharing<T: ManagedObject + 'static>(
        tasks: i64,
        max_results: usize,
        share: impl FnOnce(Arc<Queue>) -> Arc<T>,
    ) -> Self {
        let queue = Arc::new(Queue::new(0));
        for task in 0..tasks {
            queue.put(task.into(), Wait::No).unwrap();
        }
        let results = Arc::new(Queue::new(max_results));
        let server = Server::bind("127.0.0.1:0", &Key::from("abc"))
            .unwrap()
            .share("get_task_queue", share(queue.clone()))
            .share("get_result_queue", results.clone())
            .start()
            .unwrap();
        Self { tasks: queue, results, server }
    }

    fn worker(&self) -> Box<dyn TaskSource> {
        open_manager(self.server.address(), &Key::from("abc")).unwrap()
    }

    fn results(&self) -> Vec<Value> {
        let next = || self.results.get(Wait::No).ok();
        std::iter::from_fn(next).collect()
    }

    /// Every task that was put is done; a call too many raises.
    #[track_caller]
    fn assert_all_done(&self) {
        self.tasks.join();
        assert!(self.tasks.task_done().is_err(), "one too few, or too many");
    }
}

fn done(leases: &[Lease]) -> Vec<Done> {
    let done = leases.iter().map(|Lease { task, .. }| {
        let result = task.body.clone();
        let task = task.id;
        Done { task, result }
    });
    done.collect()
}

#[test]
fn no_task_done_is_lost_at_an_orderly_end() {
    // At an empty queue, after a release, and when the worker goes.
    let master = Master::new(5, 0);
    let mut worker = master.worker();
    let mut finished = Vec::new();
    for count in [2, 2, 1, 0] {
        let leases = worker.exchange(&finished, 2, NOW).unwrap();
        assert_eq!(leases.len(), count);
        finished = done(&leases);
    }
    master.assert_all_done();
    assert_eq!(master.results(), [0, 1, 2, 3, 4].map(Value::from));

    let master = Master::new(2, 0);
    let mut worker = master.worker();
    let leases = worker.take(2, NOW).unwrap();
    worker.complete(&done(&leases[..1])).unwrap();
    worker.release(&leases[1..]).unwrap();
    assert_eq!(master.tasks.get(Wait::No).unwrap(), 1.into());
    master.tasks.task_done().unwrap();
    master.assert_all_done();

    let master = Master::new(1, 0);
    let mut worker = master.worker();
    let leases = worker.take(1, NOW).unwrap();
    worker.complete(&done(&leases)).unwrap();
    drop(worker);
    master.assert_all_done();
}

/// Without `task_done`, as a master's own class of queue may be.
struct Bare(Arc<Queue>);

impl ManagedObject for Bare {
    fn methods(&self) -> &[&str] {
        &["get", "put", "qsize"]
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        self.0.call(caller, method, arguments)
    }
}

#[test]
fn a_queue_may_have_no_task_done() {
    let master = Master::sharing(3, 0, |queue| Arc::new(Bare(queue)));
    let mut worker = master.worker();
    let mut finished = Vec::new();
    for count in [1, 1, 1, 0] {
        let leases = worker.exchange(&finished, 1, NOW).unwrap();
        assert_eq!(leases.len(), count);
        finished = done(&leases);
    }
    assert!(worker.is_closed().unwrap());
    assert_eq!(master.results(), [0, 1, 2].map(Value::from));
}

/// The worker waits with the result in hand, longer than it waits for a task.
#[test]
fn a_full_result_queue_costs_no_result() {
    let wait = Duration::from_millis(20);
    let master = Master::new(3, 1);
    let mut worker = master.worker();
    thread::scope(|s| {
        let works = s.spawn(move || {
            let mut finished = Vec::new();
            while !worker.is_closed().unwrap() || !finished.is_empty() {
                let leases = worker.exchange(&finished, 1, wait).unwrap();
                finished = done(&leases);
            }
        });
        let began = Instant::now();
        while !master.tasks.is_empty() {
            thread::yield_now(); // One is put, one does not fit.
        }
        thread::sleep(5 * wait);
        let results = [(); 3].map(|()| {
            let room = master.results.get(Wait::at_most(SOON));
            room.expect("it comes as soon as there is room")
        });
        assert_eq!(results, [0, 1, 2].map(Value::from));
        assert!(began.elapsed() >= 5 * wait);
        works.join().unwrap();
    });
    master.assert_all_done();
}

#[test]
fn a_result_that_cannot_be_sent_is_a_text_that_says_so() {
    let master = Master::new(2, 0);
    let mut worker = master.worker();
    let leases = worker.take(1, NOW).unwrap();
    let large = Value::Bytes(vec![7; 17 << 20]);
    let large = Done { task: leases[0].task.id, result: large };
    let next = worker.exchange(&[large], 1, NOW).unwrap();
    assert_eq!(next[0].task.body, 1.into(), "the worker continues");
    worker.complete(&done(&next)).unwrap();
    drop(worker);
    let limit = "more than 16777216 bytes (the limit)";
    let text = format!("a result cannot be sent: {limit}");
    assert_eq!(master.results(), [text.as_str().into(), 1.into()]);
    master.assert_all_done();
}
