//! A job that workers reach over the network, as two of Python's queues:
//! `get_task_queue` and `get_result_queue`.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pymanagers::{
    Arguments, CallError, Caller, ConnectionEnd, Key, ManagedObject, QueueCall,
    Server, ServerEvent, ServerHandle, Value, Wait, pickle,
};

use super::match_lease::{LeaseOwners, Match};
use super::wire::{
    EXCHANGE, EXTEND, Outcome, RELEASE, RESULTS, STOPPED, TASKS, as_number,
    lease_from_value, lease_into_value, seconds,
};
use crate::lease_table::Settlement;
use crate::{Done, Error, JobOwner, Lease, MemoryJob, Report, TaskSource};

/// What a server has to tell its owner.
#[derive(Debug)]
pub enum FarmEvent {
    /// A connection was refused, or made no sense. Of many in a row from one
    /// address only some are reported.
    Refused {
        /// Where it comes from.
        peer: SocketAddr,
        /// Why it was refused.
        error: pymanagers::Error,
        /// How many connections of this address were refused so far.
        count: u64,
    },
    /// The system gives no more connections.
    AcceptFailed(io::Error),
    /// A task's second result was dropped.
    Duplicate(SocketAddr, u64, Value),
    /// This was put, and nothing says which task it belongs to.
    Unmatched(SocketAddr, Value),
}

/// A job and its server.
pub struct FarmServer {
    job: MemoryJob,
    serving: ServerHandle,
}

/// The body of the task that a result names, if it names one.
type TaskOf = fn(&Value) -> Option<Value>;

/// The settings of a [`FarmServer`].
pub struct FarmServerBuilder {
    job: MemoryJob,
    task_of: Option<TaskOf>,
    log: Arc<dyn Fn(FarmEvent) + Send + Sync>,
}

impl FarmServer {
    /// Settings for a server of this job.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pymanagers::Key;
    /// use task_farm::{FarmServer, JobOwner, ManagerSource, MemoryJob};
    /// use task_farm::{Task, TaskSource};
    ///
    /// let mut job = MemoryJob::new(Some(Duration::from_secs(60)));
    /// job.put(&[Task { id: 1, body: 3411.into() }])?;
    /// let key = Key::from("abc");
    /// let server = FarmServer::builder(job).open("127.0.0.1:0", key.clone());
    /// let server = server.expect("a free port");
    ///
    /// let mut worker = ManagerSource::connect(server.address(), &key)?;
    /// let leases = worker.take(1, Duration::from_secs(1))?;
    /// assert_eq!(leases[0].task.body, 3411.into());
    /// # Ok::<(), task_farm::Error>(())
    /// ```
    pub fn builder(job: MemoryJob) -> FarmServerBuilder {
        FarmServerBuilder { job, task_of: None, log: Arc::new(|_| ()) }
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// A handle of the job.
    pub fn job(&self) -> MemoryJob {
        self.job.clone()
    }

    /// Closes the job, and waits until all workers have hung up, but no longer
    /// than `timeout`.
    pub fn close(mut self, timeout: Duration) {
        // A job that was cleared has no workers to tell.
        let _ = self.job.close();
        self.serving.shutdown(timeout);
    }
}

impl FarmServerBuilder {
    /// How a Python worker's result names its task: the task's body. Without
    /// it a result is matched by the connection that it comes on.
    #[must_use]
    pub fn task_of(mut self, task_of: fn(&Value) -> Option<Value>) -> Self {
        self.task_of = Some(task_of);
        self
    }

    /// Calls this with everything that the server has to tell. Several threads
    /// call it.
    #[must_use]
    pub fn log(
        mut self,
        log: impl Fn(FarmEvent) + Send + Sync + 'static,
    ) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// Opens the job to all who know the key.
    ///
    /// # Errors
    ///
    /// When the port is in use, or the address not ours.
    pub fn open(
        self,
        address: impl ToSocketAddrs,
        key: Key,
    ) -> io::Result<FarmServer> {
        let Self { job, task_of, log } = self;
        let owners = Mutex::new(LeaseOwners::new(task_of.is_some()));
        let (refused, held) = (log.clone(), Mutex::default());
        let farm = Farm { job: job.clone(), task_of, log, owners, held };
        let farm = Arc::new(farm);
        let tasks = TaskQueue { farm: farm.clone(), taken: Mutex::default() };
        let serving = Server::bind(address, &key)?
            .share(TASKS, Arc::new(tasks))
            .share(RESULTS, Arc::new(ResultQueue { farm }))
            .on_event(move |event| match event {
                ServerEvent::Refused { peer, error, count } => {
                    refused(FarmEvent::Refused { peer, error, count });
                }
                ServerEvent::AcceptFailed(error) => {
                    refused(FarmEvent::AcceptFailed(error));
                }
                _ => {}
            })
            .start()?;
        Ok(FarmServer { job, serving })
    }
}

/// What both queues share.
struct Farm {
    job: MemoryJob,
    task_of: Option<TaskOf>,
    log: Arc<dyn Fn(FarmEvent) + Send + Sync>,
    /// The leases of workers that know nothing of ids, by connection.
    owners: Mutex<LeaseOwners>,
    /// The leases of those that do: by connection, the number and the task.
    held: Mutex<HashMap<u64, HashMap<u64, u64>>>,
}

impl Farm {
    fn worker_came(&self) {
        self.job.update_stats(|stats| {
            stats.workers += 1;
            stats.workers_seen += 1;
        });
    }

    fn worker_left(&self) {
        self.job.update_stats(|stats| stats.workers -= 1);
    }

    fn release(&self, leases: &[Lease]) {
        for Lease { task, number, .. } in leases {
            self.job.release_lease(task.id, *number);
        }
    }

    /// A connection has ended. Its worker has died unless `lives_on`.
    fn ended(&self, caller: &Caller, lives_on: bool) {
        if let Some(held) = self.held.lock().unwrap().remove(&caller.id) {
            for (number, task) in held {
                self.job.release_lease(task, number);
            }
            self.worker_left();
        }
        let lives_on = lives_on || self.job.is_plain_queue();
        let ended = self.owners.lock().unwrap().ended(caller.id, lives_on);
        if let Some((released, matches)) = ended {
            self.report(caller, matches);
            self.release(&released);
            self.worker_left();
        }
    }

    /// A Python worker has put something to the result queue.
    fn put(&self, caller: &Caller, value: Value) {
        let mut owners = self.owners.lock().unwrap();
        let Some(body) = self.task_of.and_then(|task_of| task_of(&value))
        else {
            let matches = owners.match_lease(caller.id, value);
            drop(owners);
            return self.report(caller, matches);
        };
        let (lease, matches) = owners.named(caller.id, &body);
        drop(owners);
        self.report(caller, matches);
        let task = lease.map(|lease| lease.task.id);
        match task.or_else(|| self.open_task(&body)) {
            Some(task) => self.settle(caller, task, value),
            None => self.unmatched(caller, value),
        }
    }

    fn report(&self, caller: &Caller, matches: Vec<Match>) {
        for found in matches {
            match found {
                Match::Lease(lease, value) => {
                    self.settle(caller, lease.task.id, value);
                }
                Match::Unmatched(value) => self.unmatched(caller, value),
                Match::Settled(leases) => self.settle_all(&leases),
            }
        }
    }

    /// A task with this body: one that has no result yet, or else any.
    fn open_task(&self, body: &Value) -> Option<u64> {
        let all = self.job.with_body(body);
        let open = all.iter().find(|(_, settled)| !settled);
        open.or(all.first()).map(|(task, _)| *task)
    }

    fn settle(&self, caller: &Caller, task: u64, result: Value) {
        let done = Done { task, result: result.clone() };
        let report = Some(Report::Done(done));
        if self.job.settle(task, report) != Settlement::First {
            (self.log)(FarmEvent::Duplicate(caller.peer, task, result));
        }
    }

    /// Their results have come as `Unmatched`.
    fn settle_all(&self, leases: &[Lease]) {
        let settled = leases
            .iter()
            .map(|lease| lease.task.id)
            .filter(|id| self.job.settle(*id, None) == Settlement::First);
        self.job.report(Report::Settled(settled.collect()));
    }

    fn unmatched(&self, caller: &Caller, value: Value) {
        self.job.report(Report::Unmatched(value.clone()));
        (self.log)(FarmEvent::Unmatched(caller.peer, value));
    }
}

/// `get_task_queue`.
struct TaskQueue {
    farm: Arc<Farm>,
    /// How often `task_done` may still be called.
    taken: Mutex<usize>,
}

impl TaskQueue {
    /// Python's `get`.
    fn get(&self, caller: &Caller, wait: Wait) -> Result<Value, CallError> {
        let asks = self.farm.owners.lock().unwrap().asks(caller.id);
        let (is_new, matches) = asks;
        self.farm.report(caller, matches);
        if is_new {
            self.farm.worker_came();
        }
        let is_there = || caller.is_connected();
        let taken = self.farm.job.take_while(1, wait, false, &is_there);
        // A master that was stopped hangs up, as Python's does.
        let mut leases = taken.map_err(|_| CallError::Disconnected)?;
        let lease = leases.pop().ok_or_else(CallError::empty)?;
        let body = lease.task.body.clone();
        self.farm.owners.lock().unwrap().add(caller.id, lease);
        *self.taken.lock().unwrap() += 1;
        Ok(body)
    }

    /// A worker of ours hands in what it has done, and takes tasks.
    fn exchange(
        &self,
        caller: &Caller,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let [done, max, wait] =
            arguments.bind(EXCHANGE, ["done", "max", "timeout"])?;
        let Some(Value::List(outcomes)) = done else {
            return Err(nonsense(EXCHANGE));
        };
        let max = max.as_ref().and_then(as_number).unwrap_or_default();
        let wait = wait.as_ref().and_then(seconds).unwrap_or_default();
        self.open(caller);
        for outcome in outcomes {
            let outcome = Outcome::from_value(outcome);
            self.settle(caller, outcome.ok_or_else(|| nonsense(EXCHANGE))?);
        }
        let job = &self.farm.job;
        let wait = Wait::at_most(wait);
        let there = || caller.is_connected();
        let leases = match job.take_while(max as usize, wait, true, &there) {
            Ok(leases) => leases,
            Err(Error::Stopped) => return Err(stopped()),
            Err(_) => return Err(CallError::Disconnected),
        };
        let mut held = self.farm.held.lock().unwrap();
        let numbers = leases.iter().map(|it| (it.number, it.task.id));
        held.entry(caller.id).or_default().extend(numbers);
        drop(held);
        let closed = job.clone().is_closed().unwrap_or(true);
        let lease = leases.first().and_then(|lease| lease.duration);
        let lease = lease.map(|time| Value::Float(time.as_secs_f64()));
        let tasks = leases.iter().map(lease_into_value).collect();
        Ok(Value::Tuple(vec![
            closed.into(),
            lease.unwrap_or(Value::None),
            Value::List(tasks),
        ]))
    }

    fn open(&self, caller: &Caller) {
        self.farm.held.lock().unwrap().entry(caller.id).or_insert_with(|| {
            self.farm.worker_came();
            HashMap::new()
        });
    }

    fn settle(&self, caller: &Caller, outcome: Outcome) {
        let Outcome { task, number, result } = outcome;
        let mut held = self.farm.held.lock().unwrap();
        held.get_mut(&caller.id).and_then(|it| it.remove(&number));
        drop(held);
        let (value, report) = match result {
            Ok(result) => {
                let done = Done { task, result: result.clone() };
                (result, Report::Done(done))
            }
            Err(why) => (why.as_str().into(), Report::Failed { task, why }),
        };
        let settled = self.farm.job.settle_lease(number, task, report);
        if settled != Settlement::First {
            (self.farm.log)(FarmEvent::Duplicate(caller.peer, task, value));
        }
    }

    /// The caller's leases of these numbers, and their tasks.
    fn held(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
        remove: bool,
    ) -> Result<Vec<(u64, u64)>, CallError> {
        let [numbers] = arguments.bind(method, ["numbers"])?;
        let Some(Value::List(numbers)) = numbers else {
            return Err(nonsense(method));
        };
        let mut all = self.farm.held.lock().unwrap();
        let Some(held) = all.get_mut(&caller.id) else {
            return Ok(Vec::new());
        };
        let numbers = numbers.iter().filter_map(as_number);
        let found = numbers.filter_map(|number| {
            let task = held.get(&number).copied()?;
            if remove {
                held.remove(&number);
            }
            Some((task, number))
        });
        Ok(found.collect())
    }

    /// CPython's limit is how many were put; ours, how many were taken, as a
    /// task may be taken again.
    fn task_done(&self) -> Result<Value, CallError> {
        let mut taken = self.taken.lock().unwrap();
        let left = taken.checked_sub(1);
        *taken = left.ok_or_else(CallError::too_many_done)?;
        Ok(Value::None)
    }

    /// The tasks and lease numbers that the caller was to get.
    fn undo(
        &self,
        caller: &Caller,
        method: &str,
        value: Value,
    ) -> Vec<(u64, u64)> {
        let pair = |lease: Lease| (lease.task.id, lease.number);
        if method != EXCHANGE {
            let latest = self.farm.owners.lock().unwrap().undo(caller.id);
            return latest.into_iter().map(pair).collect();
        }
        let Value::Tuple(parts) = value else { return Vec::new() };
        let Some(Value::List(tasks)) = parts.into_iter().nth(2) else {
            return Vec::new();
        };
        let leases = tasks.into_iter();
        let leases = leases.filter_map(|it| lease_from_value(it, None));
        leases.map(pair).collect()
    }

    /// A worker may put a task back that it has taken, and no other.
    fn put(&self, caller: &Caller, item: &Value) -> Result<Value, CallError> {
        let mut owners = self.farm.owners.lock().unwrap();
        let Some(lease) = owners.with_body(caller.id, item) else {
            let words = "only the master puts tasks; a worker may put back \
                         one that it has taken";
            return Err(CallError::raise("ValueError", words));
        };
        drop(owners);
        self.farm.release(&[lease]);
        Ok(Value::None)
    }
}

fn nonsense(method: &str) -> CallError {
    CallError::raise(
        "TypeError",
        &format!("{method}() makes no sense like this"),
    )
}

fn stopped() -> CallError {
    CallError::raise(STOPPED, "the master was stopped")
}

/// What a queue of Python's has, and what our workers call.
const TASK_METHODS: [&str; QueueCall::METHODS.len() + 3] = {
    let mut methods = [EXCHANGE; QueueCall::METHODS.len() + 3];
    let mut i = 0;
    while i < QueueCall::METHODS.len() {
        methods[i] = QueueCall::METHODS[i];
        i += 1;
    }
    methods[i] = EXTEND;
    methods[i + 1] = RELEASE;
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
        let job = &self.farm.job;
        match method {
            EXCHANGE => return self.exchange(caller, arguments),
            EXTEND => {
                for (task, number) in
                    self.held(caller, method, arguments, false)?
                {
                    job.extend_lease(task, number);
                }
                return Ok(Value::None);
            }
            RELEASE => {
                for (task, number) in
                    self.held(caller, method, arguments, true)?
                {
                    job.release_lease(task, number);
                }
                return Ok(Value::None);
            }
            _ => {}
        }
        let waiting = || job.clone().stats().unwrap_or_default().waiting;
        Ok(match QueueCall::read(method, arguments)? {
            QueueCall::Get(wait) => return self.get(caller, wait),
            QueueCall::TaskDone => return self.task_done(),
            QueueCall::Put(item, _) => return self.put(caller, &item),
            QueueCall::Size => (waiting() as i64).into(),
            QueueCall::IsEmpty => (waiting() == 0).into(),
            QueueCall::IsFull => false.into(),
            QueueCall::Shutdown { .. } => {
                return Err(CallError::Unknown(method.into()));
            }
            QueueCall::Join => {
                job.wait_until_settled(&|| caller.is_connected());
                Value::None
            }
        })
    }

    fn undelivered(&self, caller: &Caller, method: &str, value: Value) {
        for (task, number) in self.undo(caller, method, value) {
            self.farm.job.release_lease(task, number);
        }
    }

    /// The task is too large to be sent: no worker can do it.
    fn unwritable(
        &self,
        caller: &Caller,
        method: &str,
        value: Value,
        error: &pickle::Error,
    ) {
        let why = format!("it cannot be sent: {error}");
        for (task, number) in self.undo(caller, method, value) {
            let report = Report::Failed { task, why: why.clone() };
            self.farm.job.settle_lease(number, task, report);
        }
    }

    fn disconnected(&self, caller: &Caller, end: ConnectionEnd) {
        // The connection of a thread says nothing of its process.
        let is_thread = caller.name.contains('|');
        let lives_on = end == ConnectionEnd::Released || is_thread;
        self.farm.ended(caller, lives_on);
    }
}

/// `get_result_queue`. What is put there goes to the master at once: for
/// others the queue is always empty.
struct ResultQueue {
    farm: Arc<Farm>,
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
        Ok(match QueueCall::read(method, arguments)? {
            QueueCall::Put(value, _) => {
                self.farm.put(caller, value);
                Value::None
            }
            QueueCall::Size => 0.into(),
            QueueCall::IsEmpty => true.into(),
            QueueCall::IsFull => false.into(),
            QueueCall::Join => Value::None,
            QueueCall::Get(_) => {
                let words = "only the master gets results";
                return Err(CallError::raise("ValueError", words));
            }
            QueueCall::TaskDone => return Err(CallError::too_many_done()),
            QueueCall::Shutdown { .. } => {
                return Err(CallError::Unknown(method.into()));
            }
        })
    }
}
