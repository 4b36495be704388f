//! A job in this process.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::Wait;

use crate::lease_table::{LeaseTable, Settlement};
use crate::{
    Done, Error, JobOwner, Lease, Report, Stats, Task, TaskSource, Value,
};

/// When one result has come, others follow: an owner that waits for results
/// sleeps on for so long, so that it is not woken up for each of them.
const GATHER: Duration = Duration::from_millis(1);

/// A caller that waits for all tasks looks this often whether they are done.
const LOOK: Duration = Duration::from_millis(200);

/// After how many failed deliveries a task is given up.
const TRIES: u32 = 5;

/// A job in this process, for its threads. A clone is one more handle.
#[derive(Debug)]
pub struct MemoryJob {
    inner: Arc<Inner>,
    /// The epoch of the job that this handle belongs to: `clear` begins a new
    /// one.
    epoch: u64,
}

#[derive(Debug)]
struct Inner {
    lease: Option<Duration>,
    state: Mutex<State>,
    new_task: Condvar,
    new_report: Condvar,
}

#[derive(Debug)]
struct State {
    table: LeaseTable,
    tries: u32,
    epoch: u64,
    /// The owner waits for a report and has not been woken up yet.
    owner_waits: bool,
    closed: bool,
    stopped: bool,
}

impl MemoryJob {
    /// An empty job, whose leases last for `lease`. `None`: as long as the
    /// worker is there. Zero: a plain queue, whose tasks are given away.
    ///
    /// ```
    /// use std::time::Duration;
    /// use task_farm::{JobOwner, MemoryJob, Task, TaskSource};
    ///
    /// let mut job = MemoryJob::new(None).tries(3);
    /// job.put(&[Task { id: 1, body: "text".into() }])?;
    /// let leases = job.take(10, Duration::ZERO)?;
    /// assert_eq!(leases[0].task.body.as_str(), Some("text"));
    /// job.release(&leases)?;
    /// assert_eq!(job.take(10, Duration::ZERO)?[0].delivery_count, 2);
    /// # Ok::<(), task_farm::Error>(())
    /// ```
    pub fn new(lease: Option<Duration>) -> Self {
        let state = State {
            table: LeaseTable::default(),
            tries: TRIES,
            epoch: 0,
            owner_waits: false,
            closed: false,
            stopped: false,
        };
        let state = Mutex::new(state);
        let new_task = Condvar::new();
        let new_report = Condvar::new();
        let inner = Inner { lease, state, new_task, new_report };
        Self { inner: Arc::new(inner), epoch: 0 }
    }

    /// After how many failed deliveries a task is given up and reported as
    /// failed; five, unless this says otherwise. A delivery fails when its
    /// worker dies or lets the lease run out. A worker that releases the task
    /// leaves in good order, and that is no failure.
    #[must_use]
    pub fn tries(self, tries: u32) -> Self {
        self.lock().tries = tries.max(1);
        self
    }

    /// Every call that waits, or comes from now on, gets [`Error::Stopped`].
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.inner.new_task.notify_all();
        self.inner.new_report.notify_all();
    }

    /// Whether tasks are given away, never to come back by themselves.
    pub(crate) fn is_plain_queue(&self) -> bool {
        self.inner.lease == Some(Duration::ZERO)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// The state, if this handle's job has not been cleared.
    fn current(&self) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.lock();
        match state.epoch == self.epoch {
            true => Ok(state),
            false => Err(Error::Cleared("the job has been cleared".into())),
        }
    }

    /// As [`TaskSource::take`], for a worker that may hang up meanwhile. The
    /// end of the job ends the wait only if the caller says so.
    pub(crate) fn take_while(
        &self,
        max: usize,
        wait: Wait,
        until_closed: bool,
        is_there: &dyn Fn() -> bool,
    ) -> Result<Vec<Lease>, Error> {
        let lease = self.inner.lease.filter(|_| !self.is_plain_queue());
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let tries = state.tries;
            state.table.expire(now, tries);
            if state.stopped {
                return Err(Error::Stopped);
            }
            let leases = state.table.lease(max, now, lease);
            self.wake_owner(&mut state);
            if !leases.is_empty() || (state.closed && until_closed) {
                return Ok(leases);
            }
            let Some(time) = wait.next_check() else {
                return Ok(leases);
            };
            let next = state.table.next_deadline();
            let next = next.map(|next| next.saturating_duration_since(now));
            let time = next.map_or(time, |next| next.min(time));
            state = self.inner.new_task.wait_timeout(state, time).unwrap().0;
            if !is_there() {
                // A worker that is still there must not miss this.
                self.inner.new_task.notify_one();
                return Err(Error::Gone("hung up".into()));
            }
        }
    }

    /// Reports may have come; the owner is woken if it waits.
    fn wake_owner(&self, state: &mut State) {
        if state.owner_waits && !state.table.reports.is_empty() {
            state.owner_waits = false;
            self.inner.new_report.notify_all();
        }
    }

    /// Hands a report about a task in.
    pub(crate) fn settle(
        &self,
        task: u64,
        report: Option<Report>,
    ) -> Settlement {
        self.settle_in(&mut self.lock(), task, report)
    }

    /// As [`settle`](Self::settle), for the worker that has, or had, this
    /// lease: one of before the job was cleared settles nothing.
    pub(crate) fn settle_lease(
        &self,
        number: u64,
        task: u64,
        report: Report,
    ) -> Settlement {
        let mut state = self.lock();
        match state.table.is_current(number) {
            true => self.settle_in(&mut state, task, Some(report)),
            false => Settlement::Unknown,
        }
    }

    fn settle_in(
        &self,
        state: &mut State,
        task: u64,
        report: Option<Report>,
    ) -> Settlement {
        let settlement = state.table.settle(task, report);
        self.wake_owner(state);
        settlement
    }

    /// Whether the owner has closed the job.
    pub(crate) fn has_closed(&self) -> bool {
        self.lock().closed
    }

    /// Waits until every task is settled, or the caller has gone.
    pub(crate) fn wait_until_settled(&self, is_there: &dyn Fn() -> bool) {
        let mut state = self.lock();
        while state.table.stats.waiting + state.table.stats.leased > 0
            && is_there()
        {
            let new_report = &self.inner.new_report;
            state = new_report.wait_timeout(state, LOOK).unwrap().0;
        }
    }

    /// Reports something that is no task's.
    pub(crate) fn report(&self, report: Report) {
        let mut state = self.lock();
        state.table.reports.push(report);
        self.wake_owner(&mut state);
    }

    /// The worker of this lease gives its task back.
    pub(crate) fn release_lease(&self, task: u64, number: u64) {
        self.lock().table.release(task, number);
        self.inner.new_task.notify_one();
    }

    /// The worker of this lease has died.
    pub(crate) fn fail_delivery(&self, task: u64, number: u64) {
        let mut state = self.lock();
        let tries = state.tries;
        state.table.fail_delivery(task, number, tries);
        self.wake_owner(&mut state);
        self.inner.new_task.notify_one();
    }

    pub(crate) fn extend_lease(&self, task: u64, number: u64) {
        let until = self.inner.lease.and_then(|lease| {
            (!lease.is_zero()).then(|| Instant::now().checked_add(lease))?
        });
        self.lock().table.extend(task, number, until);
    }

    pub(crate) fn with_body(&self, body: &Value) -> Vec<(u64, bool)> {
        self.lock().table.with_body(body)
    }

    pub(crate) fn update_stats(&self, update: impl FnOnce(&mut Stats)) {
        update(&mut self.lock().table.stats);
    }
}

impl Clone for MemoryJob {
    /// One more handle of the job as it is now.
    fn clone(&self) -> Self {
        let epoch = self.lock().epoch;
        Self { inner: self.inner.clone(), epoch }
    }
}

impl TaskSource for MemoryJob {
    fn take(
        &mut self,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Lease>, Error> {
        drop(self.current()?);
        self.take_while(max, Wait::at_most(wait), true, &|| true)
    }

    fn extend(&mut self, leases: &[Lease]) -> Result<(), Error> {
        for Lease { task, number, .. } in leases {
            self.extend_lease(task.id, *number);
        }
        Ok(())
    }

    fn complete(&mut self, done: &[Done]) -> Result<(), Error> {
        let mut state = self.current()?;
        for done in done {
            state.table.settle(done.task, Some(Report::Done(done.clone())));
        }
        self.wake_owner(&mut state);
        Ok(())
    }

    fn fail(&mut self, lease: &Lease, why: &str) -> Result<(), Error> {
        let mut state = self.current()?;
        let task = lease.task.id;
        let why = why.to_string();
        state.table.settle(task, Some(Report::Failed { task, why }));
        self.wake_owner(&mut state);
        Ok(())
    }

    fn release(&mut self, leases: &[Lease]) -> Result<(), Error> {
        for Lease { task, number, .. } in leases {
            self.release_lease(task.id, *number);
        }
        Ok(())
    }

    fn is_closed(&mut self) -> Result<bool, Error> {
        Ok(self.current()?.closed)
    }
}

impl JobOwner for MemoryJob {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        let mut state = self.current()?;
        let new = tasks.iter().filter(|it| state.table.add((*it).clone()));
        let new = new.count();
        state.closed &= new == 0;
        self.inner.new_task.notify_all();
        Ok(new)
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Report>, Error> {
        let wait = Wait::at_most(wait);
        let mut state = self.current()?;
        loop {
            let tries = state.tries;
            state.table.expire(Instant::now(), tries);
            if !state.table.reports.is_empty() {
                return Ok(std::mem::take(&mut state.table.reports));
            }
            if state.stopped {
                return Err(Error::Stopped);
            }
            let Some(time) = wait.next_check() else {
                return Ok(Vec::new());
            };
            state.owner_waits = true;
            let new_report = &self.inner.new_report;
            state = new_report.wait_timeout(state, time).unwrap().0;
            if !state.table.reports.is_empty() {
                drop(state);
                thread::sleep(GATHER);
                state = self.lock();
            }
        }
    }

    fn stats(&mut self) -> Result<Stats, Error> {
        let mut state = self.lock();
        let tries = state.tries;
        state.table.expire(Instant::now(), tries);
        let closed = state.closed;
        Ok(Stats { closed, ..state.table.stats.clone() })
    }

    fn close(&mut self) -> Result<(), Error> {
        self.current()?.closed = true;
        self.inner.new_task.notify_all();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Error> {
        let mut state = self.lock();
        state.table.clear();
        state.epoch += 1;
        let epoch = state.epoch;
        drop(state);
        self.epoch = epoch;
        Ok(())
    }

    fn stopper(&self) -> Box<dyn Fn() + Send> {
        let job = self.clone();
        Box::new(move || job.stop())
    }
}
