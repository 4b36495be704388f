//! A farm that workers reach over the network, as two of Python's queues:
//! `get_task_queue` and `get_result_queue`.
//!
//! A worker need not know what a loan is: what its connection has got from
//! the task queue is on loan, what it puts to the result queue is a result of
//! that, and when the connection is gone, the rest comes back.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Done, Error, Farm, Loan, Local, Status};
use pymanagers::{
    Arguments, CallError, Caller, ConnectionEnd, Key, ManagedObject, Queue,
    QueueCall, Server, ServerEvent, ServerHandle, Value, Wait,
};

/// The names that the documents give to the two queues.
pub(super) const TASKS: &str = "get_task_queue";
pub(super) const RESULTS: &str = "get_result_queue";

/// A method that the task queue has beside Python's own: a worker of ours
/// sees by it that this master lends its tasks, and when all are done.
pub(super) const STATUS: &str = "status";

/// What it raises when the master was stopped.
pub(super) const STOPPED: &str = "InterruptedError";

/// A farm and its server.
pub struct Host {
    farm: Local,
    serving: ServerHandle,
}

impl Host {
    /// Opens the farm to all who know the key. `belongs` says whether a
    /// result can be that of a task: it decides when a worker has several.
    ///
    /// # Errors
    ///
    /// When the port is in use, or the address not ours.
    pub fn open(
        farm: Local,
        address: impl ToSocketAddrs,
        key: Key,
        belongs: fn(&Value, &Value) -> bool,
        tell: impl Fn(ServerEvent) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (loans, brought) = Default::default();
        let desk = Desk { farm: farm.clone(), belongs, loans, brought };
        let desk = Arc::new(desk);
        let tasks = TaskQueue { desk: desk.clone(), taken: Mutex::default() };
        let results = ResultQueue { desk, queue: Queue::new(0) };
        let serving = Server::bind(address, &key)?
            .share(TASKS, Arc::new(tasks))
            .share(RESULTS, Arc::new(results))
            .on_event(tell)
            .start()?;
        Ok(Self { farm, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// A handle of the farm.
    pub fn farm(&self) -> Local {
        self.farm.clone()
    }

    /// Tells all workers that there is nothing left to do, and waits until
    /// they have hung up, but no longer than `patience`.
    pub fn close(mut self, patience: Duration) {
        self.farm.close().expect("a farm in this process closes");
        self.serving.shutdown(patience);
    }
}

/// Who has which tasks on loan.
struct Desk {
    farm: Local,
    belongs: fn(&Value, &Value) -> bool,
    /// By the number of the connection. A loan stays here until its result
    /// comes, even when its time is up: the result may still be the first.
    loans: Mutex<HashMap<u64, Vec<Loan>>>,
    /// The results that belonged to their tasks, as texts.
    brought: Mutex<HashSet<String>>,
}

impl Desk {
    fn come_in(&self, caller: &Caller) {
        self.loans.lock().unwrap().entry(caller.id).or_insert_with(|| {
            self.farm.worker_came();
            Vec::new()
        });
    }

    fn leave(&self, caller: &Caller) {
        let loans = self.loans.lock().unwrap().remove(&caller.id);
        if let Some(loans) = loans {
            self.give_back(&loans);
            self.farm.worker_left();
        }
    }

    fn give_back(&self, loans: &[Loan]) {
        let given = self.farm.clone().give_back(loans);
        given.expect("a farm in this process takes everything back");
    }

    /// Hands a result in; `false` when it is dropped, as its task has one.
    fn finish(&self, caller: &Caller, result: &Value) -> bool {
        let Some(loan) = self.whose(caller.id, result) else {
            self.farm.dropped_one();
            return true; // As in Python, whoever reads the queue gets it.
        };
        let (task, result) = (loan.task.id, result.clone());
        self.farm.finish_one(&Done { task, result })
    }

    /// The loan that this is the result of: one of the caller's that it can
    /// belong to; or one of somebody else's (of another connection of the
    /// same worker, as one of its threads takes and another one puts); or the
    /// caller's first, unless it has come before and belonged to another.
    fn whose(&self, caller: u64, result: &Value) -> Option<Loan> {
        let mut loans = self.loans.lock().unwrap();
        let mut brought = self.brought.lock().unwrap();
        let fits = |loan: &Loan| (self.belongs)(&loan.task.body, result);
        let find = |loans: &mut Vec<Loan>| {
            let at = loans.iter().position(fits)?;
            Some(loans.remove(at))
        };
        let own = loans.get_mut(&caller).and_then(find);
        if let Some(loan) = own.or_else(|| loans.values_mut().find_map(find)) {
            brought.insert(result.to_string());
            return Some(loan);
        }
        let own = loans.get_mut(&caller).filter(|own| !own.is_empty())?;
        let twice = brought.contains(&result.to_string());
        (!twice).then(|| own.remove(0))
    }
}

/// `get_task_queue`.
struct TaskQueue {
    desk: Arc<Desk>,
    /// How often `task_done` may still be called.
    taken: Mutex<usize>,
}

impl TaskQueue {
    fn get(&self, caller: &Caller, wait: Wait) -> Result<Value, CallError> {
        self.desk.come_in(caller);
        let farm = &self.desk.farm;
        let taken = farm.take_while(1, wait, &|| caller.is_connected());
        let loan = match taken {
            Ok(mut loans) => loans.pop().ok_or_else(CallError::empty)?,
            Err(Error::Stopped) => return Err(CallError::empty()),
            Err(_) => return Err(CallError::Disconnected),
        };
        let body = loan.task.body.clone();
        let mut loans = self.desk.loans.lock().unwrap();
        loans.entry(caller.id).or_default().push(loan);
        *self.taken.lock().unwrap() += 1;
        Ok(body)
    }

    /// How many tasks wait, are out, and are done; and whether that is all.
    fn status(&self) -> Result<Value, CallError> {
        let mut farm = self.desk.farm.clone();
        if farm.is_stopped() {
            return Err(CallError::raise(STOPPED, "the master was stopped"));
        }
        let Status { waiting, out, done, over, .. } =
            farm.status().unwrap_or_default();
        let [waiting, out, done] = [waiting, out, done].map(|n| n as i64);
        let numbers = [waiting.into(), out.into(), done.into(), over.into()];
        Ok(Value::Tuple(numbers.into()))
    }

    /// CPython's limit is how many were put; ours, how many were taken, as a
    /// task may be taken again.
    fn task_done(&self) -> Result<Value, CallError> {
        let mut taken = self.taken.lock().unwrap();
        let left = taken.checked_sub(1);
        *taken = left.ok_or_else(CallError::too_many_done)?;
        Ok(Value::None)
    }
}

/// What a queue of Python's has, and [`STATUS`].
const TASK_METHODS: [&str; QueueCall::METHODS.len() + 1] = {
    let mut methods = [STATUS; QueueCall::METHODS.len() + 1];
    let mut i = 0;
    while i < QueueCall::METHODS.len() {
        methods[i] = QueueCall::METHODS[i];
        i += 1;
    }
    methods
};

impl ManagedObject for TaskQueue {
    fn methods(&self) -> &[&str] {
        &TASK_METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        if method == STATUS {
            return self.status();
        }
        let status = || self.desk.farm.clone().status().unwrap_or_default();
        Ok(match QueueCall::read(method, arguments)? {
            QueueCall::Get(wait) => return self.get(caller, wait),
            QueueCall::TaskDone => return self.task_done(),
            QueueCall::Put(item, _) => {
                self.desk.farm.put_unnumbered(item);
                Value::None
            }
            QueueCall::Shutdown { .. } => {
                return Err(CallError::Unknown(method.into()));
            }
            QueueCall::Size => (status().waiting as i64).into(),
            QueueCall::IsEmpty => (status().waiting == 0).into(),
            QueueCall::IsFull => false.into(),
            QueueCall::Join => {
                let left = |it: Status| it.waiting + it.out;
                while left(status()) > 0 {
                    if !caller.is_connected() {
                        return Err(CallError::Disconnected);
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                Value::None
            }
        })
    }

    fn undelivered(&self, caller: &Caller, _: &str, _: Value) {
        let mut loans = self.desk.loans.lock().unwrap();
        let latest = loans.get_mut(&caller.id).and_then(Vec::pop);
        drop(loans);
        self.desk.give_back(latest.as_slice());
    }

    fn disconnected(&self, caller: &Caller, _: ConnectionEnd) {
        self.desk.leave(caller);
    }
}

/// `get_result_queue`.
struct ResultQueue {
    desk: Arc<Desk>,
    /// What came, for whoever reads the queue from outside.
    queue: Queue,
}

impl ManagedObject for ResultQueue {
    fn methods(&self) -> &[&str] {
        QueueCall::METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let call = QueueCall::read(method, arguments.clone())?;
        if let QueueCall::Put(result, _) = &call
            && !self.desk.finish(caller, result)
        {
            return Ok(Value::None); // Dropped: it came twice.
        }
        self.queue.call(caller, method, arguments)
    }

    fn undelivered(&self, caller: &Caller, method: &str, value: Value) {
        self.queue.undelivered(caller, method, value);
    }
}
