//! Which task is where: the table that every lease is read off.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::time::{Duration, Instant};

use pymanagers::Value;

use crate::{Lease, Report, Stats, Task};

/// Several tasks that are leased at once are no larger than this together:
/// they have to fit into one message.
const MAX_BYTES: usize = 8 << 20;

/// A job's tasks, their leases, and what is to be reported.
#[derive(Debug, Default)]
pub(crate) struct LeaseTable {
    tasks: HashMap<u64, Entry>,
    /// The ids of the tasks that have a body with this hash.
    by_body: HashMap<u64, Vec<u64>>,
    /// May name tasks that were settled since.
    waiting: VecDeque<u64>,
    /// When which leases run out, the next one first.
    deadlines: BTreeSet<(Instant, u64)>,
    pub reports: Vec<Report>,
    pub stats: Stats,
    last_number: u64,
    /// Leases up to this number are of tasks that were cleared.
    cleared_number: u64,
    first_lease_at: Option<Instant>,
}

#[derive(Debug)]
struct Entry {
    body: Value,
    delivery_count: u32,
    /// Deliveries whose worker died or let its lease run out.
    failed_deliveries: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Waiting,
    Leased { number: u64, deadline: Option<Instant> },
    Settled,
}

/// What a result did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Settlement {
    /// It was its task's first.
    First,
    /// Its task has a result, or was given up.
    Duplicate,
    /// There is no such task.
    Unknown,
}

impl LeaseTable {
    /// Whether the task was new.
    pub fn add(&mut self, Task { id, body }: Task) -> bool {
        if self.tasks.contains_key(&id) {
            return false;
        }
        self.by_body.entry(hash(&body)).or_default().push(id);
        let state = State::Waiting;
        let delivery_count = 0;
        let failed_deliveries = 0;
        let entry = Entry { body, delivery_count, failed_deliveries, state };
        self.tasks.insert(id, entry);
        self.waiting.push_back(id);
        self.stats.waiting += 1;
        true
    }

    pub fn lease(
        &mut self,
        max: usize,
        now: Instant,
        duration: Option<Duration>,
    ) -> Vec<Lease> {
        let mut leases = Vec::new();
        let mut bytes = 0;
        while leases.len() < max
            && let Some(id) = self.waiting.pop_front()
        {
            let Some(entry) = self.tasks.get_mut(&id) else {
                continue; // Cleared since.
            };
            if entry.state != State::Waiting {
                continue; // Settled since, by a late result.
            }
            bytes += size(&entry.body);
            if bytes > MAX_BYTES && !leases.is_empty() {
                self.waiting.push_front(id);
                break;
            }
            self.last_number += 1;
            let number = self.last_number;
            let deadline = duration.and_then(|time| now.checked_add(time));
            entry.state = State::Leased { number, deadline };
            entry.delivery_count += 1;
            let delivery_count = entry.delivery_count;
            let task = Task { id, body: entry.body.clone() };
            self.deadlines.extend(deadline.map(|deadline| (deadline, id)));
            self.stats.waiting -= 1;
            self.stats.leased += 1;
            self.stats.redelivered += usize::from(delivery_count > 1);
            self.first_lease_at.get_or_insert(now);
            leases.push(Lease { task, number, delivery_count, duration });
        }
        leases
    }

    /// Takes back the leases that have run out.
    pub fn expire(&mut self, now: Instant, tries: u32) {
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.count_failure(id, tries);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Takes back a task whose worker leaves in good order, if the lease is
    /// still the task's.
    pub fn release(&mut self, id: u64, number: u64) {
        if self.is_leased(id, number) {
            self.requeue(id);
        }
    }

    /// Takes back a task whose worker has died, if the lease is still the
    /// task's.
    pub fn fail_delivery(&mut self, id: u64, number: u64, tries: u32) {
        if self.is_leased(id, number) {
            self.count_failure(id, tries);
        }
    }

    fn count_failure(&mut self, id: u64, tries: u32) {
        let entry = self.tasks.get_mut(&id).expect("it is leased");
        entry.failed_deliveries += 1;
        let count = entry.failed_deliveries;
        if count < tries {
            return self.requeue(id);
        }
        let why = given_up_after(count);
        self.settle(id, Some(Report::Failed { task: id, why }));
    }

    /// To the end of the queue: a task that kills its workers does not keep
    /// the others waiting.
    fn requeue(&mut self, id: u64) {
        let entry = self.tasks.get_mut(&id).expect("it was leased");
        let state = mem::replace(&mut entry.state, State::Waiting);
        if let State::Leased { deadline: Some(deadline), .. } = state {
            self.deadlines.remove(&(deadline, id));
        }
        self.waiting.push_back(id);
        self.stats.leased -= 1;
        self.stats.waiting += 1;
    }

    pub fn is_leased(&self, id: u64, number: u64) -> bool {
        let entry = self.tasks.get(&id);
        entry.is_some_and(|entry| {
            matches!(entry.state, State::Leased { number: n, .. } if n == number)
        })
    }

    pub fn extend(&mut self, id: u64, number: u64, until: Option<Instant>) {
        if !self.is_leased(id, number) {
            return;
        }
        let entry = self.tasks.get_mut(&id).expect("it is leased");
        if let State::Leased { deadline, .. } = &mut entry.state {
            if let Some(old) = mem::replace(deadline, until) {
                self.deadlines.remove(&(old, id));
            }
            self.deadlines.extend(until.map(|until| (until, id)));
        }
    }

    /// Whether a lease of this number is of a task that is still here.
    pub fn is_current(&self, number: u64) -> bool {
        number > self.cleared_number
    }

    /// Settles a task. If it was its first result, `report` is kept.
    pub fn settle(&mut self, id: u64, report: Option<Report>) -> Settlement {
        let Some(entry) = self.tasks.get_mut(&id) else {
            self.stats.duplicates += 1;
            return Settlement::Unknown;
        };
        match mem::replace(&mut entry.state, State::Settled) {
            State::Settled => {
                self.stats.duplicates += 1;
                return Settlement::Duplicate;
            }
            State::Waiting => self.stats.waiting -= 1,
            State::Leased { deadline, .. } => {
                self.stats.leased -= 1;
                if let Some(deadline) = deadline {
                    self.deadlines.remove(&(deadline, id));
                }
            }
        }
        entry.body = Value::None;
        match report {
            Some(Report::Failed { .. }) => self.stats.failed += 1,
            _ => self.stats.done += 1,
        }
        if let Some(first) = self.first_lease_at {
            self.stats.busy = first.elapsed();
        }
        self.reports.extend(report);
        Settlement::First
    }

    /// The ids of the tasks that have, or had, this body, and whether each is
    /// settled.
    pub fn with_body(&self, body: &Value) -> Vec<(u64, bool)> {
        let ids = self.by_body.get(&hash(body)).into_iter().flatten();
        let found = ids.filter_map(|id| {
            let entry = &self.tasks[id];
            let settled = entry.state == State::Settled;
            (settled || entry.body == *body).then_some((*id, settled))
        });
        found.collect()
    }

    /// Forgets everything but the numbers of leases: an old lease is no lease
    /// of a new task.
    pub fn clear(&mut self) {
        let workers = self.stats.workers;
        let seen = self.stats.workers_seen;
        let last_number = self.last_number;
        let cleared_number = last_number;
        *self = Self { last_number, cleared_number, ..Self::default() };
        (self.stats.workers, self.stats.workers_seen) = (workers, seen);
    }
}

/// What is reported of a task that was delivered so often in vain.
pub(crate) fn given_up_after(count: u32) -> String {
    let deliveries = if count == 1 { "delivery" } else { "deliveries" };
    format!("given up after {count} {deliveries}")
}

/// How large a value is when it is sent, at most: no more than half a million
/// values fit into [`MAX_BYTES`].
fn size(value: &Value) -> usize {
    let of_all = |items: &[Value]| items.iter().map(size).sum();
    let of_pairs = |pairs: &[(Value, Value)]| {
        pairs.iter().map(|(key, value)| size(key) + size(value)).sum()
    };
    16 + match value {
        Value::Str(text) => text.len(),
        Value::Long(bytes)
        | Value::SurrogateStr(bytes)
        | Value::Bytes(bytes)
        | Value::ByteArray(bytes) => bytes.len(),
        Value::Tuple(items)
        | Value::List(items)
        | Value::Set(items)
        | Value::FrozenSet(items) => of_all(items),
        Value::Dict(pairs) => of_pairs(pairs),
        Value::Object(it) => {
            let of_state: usize = it.state.iter().map(size).sum();
            let of_items: usize = of_all(&it.args) + of_all(&it.items);
            let of_pairs: usize = of_pairs(&it.kwargs) + of_pairs(&it.pairs);
            it.class.name.len() + of_state + of_items + of_pairs
        }
        _ => 0,
    }
}

fn hash(body: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.to_string().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
