//! What both queues share: the job, and which connection holds which lease.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use pymanagers::{Caller, Value};

use super::event::{FarmEvent, TaskOf};
use super::match_lease::{LeaseOwners, Match};
use crate::lease_table::Settlement;
use crate::{Done, Lease, MemoryJob, Report};

/// What both queues share.
pub(super) struct Farm {
    pub job: MemoryJob,
    pub task_of: Option<TaskOf>,
    pub log: Arc<dyn Fn(FarmEvent) + Send + Sync>,
    /// The leases of workers that know nothing of ids, by connection.
    pub owners: Mutex<LeaseOwners>,
    /// The leases of those that do: by connection, the number and the task.
    pub held: Mutex<HashMap<u64, HashMap<u64, u64>>>,
}

impl Farm {
    pub fn worker_came(&self) {
        self.job.update_stats(|stats| {
            stats.workers += 1;
            stats.workers_seen += 1;
        });
    }

    pub fn worker_left(&self) {
        self.job.update_stats(|stats| stats.workers -= 1);
    }

    pub fn release(&self, leases: &[Lease]) {
        for Lease { task, number, .. } in leases {
            self.job.release_lease(task.id, *number);
        }
    }

    /// A connection has ended. Its worker has died unless `lives_on`.
    pub fn ended(&self, caller: &Caller, lives_on: bool) {
        if let Some(held) = self.held.lock().unwrap().remove(&caller.id) {
            for (number, task) in held {
                self.job.fail_delivery(task, number);
            }
            self.worker_left();
        }
        let lives_on = lives_on || self.job.is_plain_queue();
        let ended = self.owners.lock().unwrap().ended(caller.id, lives_on);
        if let Some((lost, matches)) = ended {
            self.report(caller, matches);
            for Lease { task, number, .. } in lost {
                self.job.fail_delivery(task.id, number);
            }
            self.worker_left();
        }
    }

    /// A Python worker has put something to the result queue.
    pub fn put(&self, caller: &Caller, value: Value) {
        let mut guard = self.owners.lock().unwrap();
        let Some(body) = self.task_of.and_then(|task_of| task_of(&value))
        else {
            let matches = guard.match_lease(caller.id, value);
            drop(guard);
            return self.report(caller, matches);
        };
        let (lease, matches) = guard.named(caller.id, &body);
        drop(guard);
        self.report(caller, matches);
        let task = lease.map(|lease| lease.task.id);
        match task.or_else(|| self.open_task(&body)) {
            Some(task) => self.settle(caller, task, value),
            None => self.unmatched(value),
        }
    }

    pub fn report(&self, caller: &Caller, matches: Vec<Match>) {
        for found in matches {
            match found {
                Match::Lease(lease, value) => {
                    self.settle(caller, lease.task.id, value);
                }
                Match::Unmatched(value) => self.unmatched(value),
                Match::Settled(leases) => self.settle_all(&leases),
            }
        }
    }

    /// A task with this body: one that has no result yet, or else any.
    pub fn open_task(&self, body: &Value) -> Option<u64> {
        let all = self.job.with_body(body);
        let open = all.iter().find(|(_, settled)| !settled);
        open.or(all.first()).map(|(task, _)| *task)
    }

    pub fn settle(&self, caller: &Caller, task: u64, result: Value) {
        let done = Done { task, result: result.clone() };
        let report = Some(Report::Done(done));
        if self.job.settle(task, report) != Settlement::First {
            (self.log)(FarmEvent::Duplicate(caller.peer, task, result));
        }
    }

    /// Their results have come as `Unmatched`.
    pub fn settle_all(&self, leases: &[Lease]) {
        let settled = leases
            .iter()
            .map(|lease| lease.task.id)
            .filter(|id| self.job.settle(*id, None) == Settlement::First);
        self.job.report(Report::Settled(settled.collect()));
    }

    fn unmatched(&self, value: Value) {
        self.job.report(Report::Unmatched(value));
    }
}
