//! The farm over the network, from inside: loans, drains, and crowds.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lesson14_distributed::farm::{
    Done, Error, Farm, Host, Local, Remote, Task,
};
use pymanagers::{
    Arguments, CallError, Caller, Client, Key, ManagedObject, Queue, Server,
    Value, Wait,
};

const NOW: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_secs(20);

/// Whether the result names the task, as in the lesson.
fn belongs(task: &Value, result: &Value) -> bool {
    result.as_str().is_some_and(|text| text == format!("done {task}"))
}

fn key() -> Key {
    Key::from("abc")
}

fn host(tasks: u64, limit: Option<Duration>) -> Host {
    let mut farm = Local::new(limit);
    let task = |id| Task { id, body: (id as i64).into() };
    farm.put(&(0..tasks).map(task).collect::<Vec<_>>()).unwrap();
    Host::open(farm, "127.0.0.1:0", key(), belongs, |_| ()).unwrap()
}

fn remote(host: &Host) -> Remote {
    Remote::connect(host.address(), &key()).unwrap()
}

/// Takes a task and brings its result; `false` when there was none.
fn work_once(farm: &mut Remote) -> bool {
    let loans = farm.take(1, NOW).unwrap();
    for loan in &loans {
        let result = format!("done {}", loan.task.body).into();
        farm.finish(&[Done { task: loan.task.id, result }]).unwrap();
    }
    !loans.is_empty()
}

fn ids(done: &[Done]) -> Vec<u64> {
    done.iter().map(|done| done.task).collect()
}

#[test]
fn a_result_is_that_of_its_task() {
    let host = host(3, None);
    let mut worker = remote(&host);
    let loans = worker.take(3, NOW).unwrap();
    for loan in loans.iter().rev() {
        let result = format!("done {}", loan.task.body).into();
        let done = Done { task: loan.task.id, result };
        worker.finish(&[done.clone(), done]).unwrap(); // Twice is once.
    }
    let done = host.farm().collect(NOW).unwrap();
    assert_eq!(ids(&done), [2, 1, 0]);
    for Done { task, result } in done {
        assert_eq!(result, format!("done {task}").into());
    }
    assert_eq!(host.farm().status().unwrap().dropped, 0);
}

#[test]
fn what_is_exchanged_has_come_when_the_call_returns() {
    let host = host(5, None);
    let (mut worker, mut done) = (remote(&host), Vec::new());
    for (loans, before) in [(2, 0), (2, 2), (1, 4), (0, 5)] {
        let next = worker.exchange(&done, 2, NOW).unwrap();
        let status = host.farm().status().unwrap();
        assert_eq!((next.len(), status.done), (loans, before));
        let finished = next.into_iter().map(|loan| {
            let result = format!("done {}", loan.task.body).into();
            Done { task: loan.task.id, result }
        });
        done = finished.collect();
    }
    assert_eq!(ids(&host.farm().collect(NOW).unwrap()), [0, 1, 2, 3, 4]);
}

#[test]
fn what_a_worker_holds_when_it_hangs_up_comes_back_in_order() {
    let host = host(3, None);
    let mut first = remote(&host);
    assert_eq!(first.take(2, NOW).unwrap().len(), 2);
    drop(first);
    let mut second = remote(&host);
    let loans = second.take(1, SOON).unwrap();
    let end = Instant::now() + SOON;
    while host.farm().status().unwrap().out > 1 {
        assert!(Instant::now() < end, "the server sees that it has gone");
        thread::yield_now();
    }
    let more = second.take(3, SOON).unwrap();
    let mut bodies: Vec<_> = loans.iter().chain(&more).collect();
    bodies.sort_by_key(|loan| loan.task.body.as_int());
    let bodies: Vec<_> = bodies.iter().map(|l| l.task.body.clone()).collect();
    assert_eq!(bodies, [0, 1, 2].map(Value::from));
}

#[test]
fn a_late_result_is_dropped_and_counted() {
    let host = host(1, Some(Duration::from_millis(50)));
    let (mut slow, mut quick) = (remote(&host), remote(&host));
    let late = slow.take(1, NOW).unwrap();
    let again = quick.take(1, SOON).unwrap();
    for (worker, loan) in [(&mut quick, &again[0]), (&mut slow, &late[0])] {
        let result = "done 0".into();
        worker.finish(&[Done { task: loan.task.id, result }]).unwrap();
    }
    assert_eq!(ids(&host.farm().collect(NOW).unwrap()), [0]);
    let status = host.farm().status().unwrap();
    assert_eq!((status.again, status.dropped, status.done), (1, 1, 1));
}

#[test]
fn one_connection_may_take_and_another_one_bring() {
    let host = host(2, None);
    let mut takes = remote(&host);
    takes.take(2, NOW).unwrap();
    let brings = Client::connect(host.address(), &key()).unwrap();
    let results = brings.proxy("get_result_queue").unwrap();
    results.put("done 1", NOW).unwrap();
    results.put("done 0", NOW).unwrap();
    assert_eq!(ids(&host.farm().collect(NOW).unwrap()), [1, 0]);
    drop(takes);
    let status = host.farm().status().unwrap();
    assert_eq!((status.waiting, status.out), (0, 0), "nothing comes back");
}

#[test]
fn a_stopped_farm_and_a_closed_one_tell_their_workers() {
    let open = host(1, None);
    let mut worker = remote(&open);
    assert!(work_once(&mut worker));
    thread::scope(|s| {
        assert!(!worker.status().unwrap().over, "the master has not said so");
        let waits = s.spawn(|| {
            let took = worker.take(1, SOON).unwrap();
            assert!(took.is_empty());
            assert!(worker.status().unwrap().over);
            drop(worker);
        });
        open.close(SOON); // As soon as the worker has hung up.
        waits.join().unwrap();
    });
    let open = host(0, None);
    let mut worker = remote(&open);
    assert!(!worker.status().unwrap().over, "it has not even begun");
    open.farm().stop();
    assert!(worker.take(1, SOON).unwrap().is_empty());
    assert_eq!(worker.status(), Err(Error::Stopped));
}

#[test]
fn a_request_that_was_read_is_answered_before_the_server_leaves() {
    for _ in 0..20 {
        let host = host(1, None);
        let mut worker = remote(&host);
        let loans = worker.take(1, NOW).unwrap();
        let mut master = host.farm();
        thread::scope(|s| {
            s.spawn(move || {
                let result = "done 0".into();
                let done = Done { task: loans[0].task.id, result };
                worker.finish(&[done]).expect("its reply is not lost");
            });
            master.collect(SOON).unwrap();
            host.close(SOON);
        });
    }
}

#[test]
fn a_server_gives_its_port_back() {
    let host = host(0, None);
    let (address, idle) = (host.address(), remote(&host));
    host.close(NOW);
    drop(idle);
    let key = key();
    let again = Server::bind(address, &key).unwrap().start().unwrap();
    Client::connect(again.address(), &key).unwrap();
}

/// A queue that takes its time: whoever has asked for an item has gone when
/// it comes.
struct Late(Queue);

impl ManagedObject for Late {
    fn methods(&self) -> &[&str] {
        self.0.methods()
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let item = self.0.call(caller, method, arguments);
        thread::sleep(Duration::from_millis(5));
        while method == "get" && caller.is_connected() {
            thread::yield_now();
        }
        item
    }

    fn undelivered(&self, caller: &Caller, method: &str, item: Value) {
        self.0.undelivered(caller, method, item);
    }
}

#[test]
fn an_item_whose_taker_has_gone_is_put_back() {
    let late = Arc::new(Late(Queue::new(0)));
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    let server = server.share("get_queue", late.clone()).start().unwrap();
    let mut gone = super::raw::Raw::connect(server.address());
    let ident = gone.create("get_queue");
    gone.call(&ident, "put", &[1.into()]);
    gone.send(&ident, "get", &[]);
    while !late.0.is_empty() {
        thread::yield_now(); // Until the item is on its way.
    }
    drop(gone);
    let back = late.0.get(Wait::at_most(SOON));
    assert_eq!(back, Ok(1.into()));
}

#[test]
fn two_hundred_connections_at_once_lose_nothing() {
    const TASKS: u64 = 20_000;
    let host = host(TASKS, Some(Duration::from_secs(600)));
    let all_here = std::sync::Barrier::new(200);
    thread::scope(|s| {
        for _ in 0..200 {
            s.spawn(|| {
                let mut worker = remote(&host);
                all_here.wait();
                while work_once(&mut worker) {}
            });
        }
    });
    let mut ids = ids(&host.farm().collect(NOW).unwrap());
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..TASKS), "each result once");
    let status = host.farm().status().unwrap();
    assert_eq!((status.seen, status.dropped), (200, 0));
}
