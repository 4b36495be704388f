//! A farm in this process.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{Done, Error, Farm, Loan, Status, Task};
use pymanagers::{Value, Wait};

/// Where one result has come, others follow: whoever waits for results sleeps
/// on for so long, and is not woken up for each of them.
const GATHER: Duration = Duration::from_millis(1);

/// A farm in this process, for its threads. A clone is one more handle.
#[derive(Debug)]
pub struct Local {
    inner: Arc<Inner>,
    /// How many results this handle has seen.
    seen: usize,
}

#[derive(Debug)]
struct Inner {
    /// How long a loan may last; `None`: as long as its worker is there.
    limit: Option<Duration>,
    state: Mutex<State>,
    new_task: Condvar,
    new_result: Condvar,
}

#[derive(Debug, Default)]
struct State {
    tasks: HashMap<u64, Entry>,
    /// May name tasks that have been done since.
    waiting: VecDeque<u64>,
    /// When which loans end, the next one first.
    ends: BTreeSet<(Instant, u64)>,
    results: Vec<Done>,
    /// Somebody waits for a result, and has not been woken up yet.
    wanted: bool,
    status: Status,
    last_loan: u64,
    last_own_id: u64,
    first_loan_at: Option<Instant>,
    closed: bool,
    stopped: bool,
}

#[derive(Debug)]
struct Entry {
    body: Value,
    tried: u32,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Waiting,
    Out { loan: u64, end: Option<Instant> },
    Done,
}

impl Local {
    /// An empty farm, whose loans end after `limit`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lesson14_distributed::farm::{Done, Farm, Local, Task};
    ///
    /// let mut farm = Local::new(None);
    /// farm.put(&[Task { id: 1, body: 3411.into() }])?;
    /// let held = farm.take(1, Duration::ZERO)?;
    /// assert_eq!(held[0].task.body, 3411.into());
    /// let done = Done { task: 1, result: (3411 * 3411).into() };
    /// farm.finish(&[done.clone()])?;
    /// assert_eq!(farm.collect(Duration::ZERO)?, [done]);
    /// # Ok::<(), lesson14_distributed::farm::Error>(())
    /// ```
    pub fn new(limit: Option<Duration>) -> Self {
        let (state, new_task, new_result) = Default::default();
        let inner = Inner { limit, state, new_task, new_result };
        Self { inner: Arc::new(inner), seen: 0 }
    }

    /// Whoever waits, or asks from now on, gets [`Error::Stopped`].
    pub fn stop(&self) {
        self.inner.state.lock().unwrap().stopped = true;
        self.inner.new_task.notify_all();
        self.inner.new_result.notify_all();
    }

    /// Puts a task of somebody who has no number for it.
    pub(super) fn put_unnumbered(&self, body: Value) {
        let mut state = self.inner.state.lock().unwrap();
        state.last_own_id += 1;
        let id = u64::MAX - state.last_own_id; // Far away from all others.
        state.add(Task { id, body });
        self.inner.new_task.notify_one();
    }

    /// As [`Farm::take`], for somebody who may hang up meanwhile.
    pub(super) fn take_while(
        &self,
        max: usize,
        wait: Wait,
        there: &dyn Fn() -> bool,
    ) -> Result<Vec<Loan>, Error> {
        let Inner { limit, state, new_task, .. } = &*self.inner;
        let mut state = state.lock().unwrap();
        loop {
            let now = Instant::now();
            state.end_loans(now);
            if state.stopped {
                return Err(Error::Stopped);
            }
            let lent = state.lend(max, now, *limit);
            if !lent.is_empty() || state.closed {
                return Ok(lent);
            }
            let Some(time) = wait.next_check() else {
                return Ok(lent);
            };
            let next = state.ends.first().map(|(end, _)| *end - now);
            let time = next.map_or(time, |next| next.min(time));
            state = new_task.wait_timeout(state, time).unwrap().0;
            if !there() {
                // Somebody who is still there must not miss this.
                new_task.notify_one();
                return Err(Error::Gone("hung up".into()));
            }
        }
    }

    pub(super) fn worker_came(&self) {
        let mut state = self.inner.state.lock().unwrap();
        state.status.workers += 1;
        state.status.seen += 1;
    }

    pub(super) fn worker_left(&self) {
        self.inner.state.lock().unwrap().status.workers -= 1;
    }

    pub(super) fn dropped_one(&self) {
        self.inner.state.lock().unwrap().status.dropped += 1;
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.inner.state.lock().unwrap().stopped
    }

    /// Whether this is its task's first result, and counts.
    pub(super) fn finish_one(&self, done: &Done) -> bool {
        let mut state = self.inner.state.lock().unwrap();
        let counts = state.finish(done);
        let wanted = std::mem::take(&mut state.wanted);
        drop(state); // Whoever is woken up needs it.
        if wanted {
            self.inner.new_result.notify_all();
        }
        counts
    }
}

impl Clone for Local {
    /// One more handle, which has seen no result yet.
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), seen: 0 }
    }
}

impl State {
    /// Whether it was new.
    fn add(&mut self, Task { id, body }: Task) -> bool {
        if self.tasks.contains_key(&id) {
            return false;
        }
        let place = Place::Waiting;
        self.tasks.insert(id, Entry { body, tried: 0, place });
        self.waiting.push_back(id);
        self.status.waiting += 1;
        true
    }

    fn lend(
        &mut self,
        max: usize,
        now: Instant,
        limit: Option<Duration>,
    ) -> Vec<Loan> {
        let mut lent = Vec::new();
        while lent.len() < max
            && let Some(id) = self.waiting.pop_front()
        {
            let Some(entry) = self.tasks.get_mut(&id) else {
                continue; // Forgotten since.
            };
            if entry.place != Place::Waiting {
                continue; // Done since, by somebody who was late.
            }
            self.last_loan += 1;
            let number = self.last_loan;
            let end = limit.and_then(|limit| now.checked_add(limit));
            entry.place = Place::Out { loan: number, end };
            entry.tried += 1;
            let (body, tried) = (entry.body.clone(), entry.tried);
            self.ends.extend(end.map(|end| (end, id)));
            self.status.waiting -= 1;
            self.status.out += 1;
            self.status.again += usize::from(tried > 1);
            self.first_loan_at.get_or_insert(now);
            lent.push(Loan { task: Task { id, body }, number, tried });
        }
        lent
    }

    /// Takes back what has been out for too long.
    fn end_loans(&mut self, now: Instant) {
        while let Some((end, id)) = self.ends.first().copied()
            && end <= now
        {
            self.take_back(id);
        }
    }

    fn take_back(&mut self, id: u64) {
        let entry = self.tasks.get_mut(&id).expect("it is on loan");
        let Place::Out { end, .. } = entry.place else {
            unreachable!("only what is out can come back");
        };
        entry.place = Place::Waiting;
        if let Some(end) = end {
            self.ends.remove(&(end, id));
        }
        self.waiting.push_front(id);
        self.status.out -= 1;
        self.status.waiting += 1;
    }

    /// Whether this loan still counts: its task may be elsewhere by now.
    fn is_out(&self, loan: &Loan) -> bool {
        let entry = self.tasks.get(&loan.task.id);
        entry.is_some_and(|entry| {
            matches!(entry.place, Place::Out { loan: l, .. } if l == loan.number)
        })
    }

    /// Whether it counts.
    fn finish(&mut self, done: &Done) -> bool {
        let entry = self.tasks.get_mut(&done.task);
        let place = entry.as_ref().map(|entry| entry.place);
        match place {
            None | Some(Place::Done) => {
                self.status.dropped += 1;
                return false;
            }
            Some(Place::Waiting) => self.status.waiting -= 1,
            Some(Place::Out { end, .. }) => {
                self.status.out -= 1;
                if let Some(end) = end {
                    self.ends.remove(&(end, done.task));
                }
            }
        }
        let entry = entry.expect("it has a place");
        (entry.place, entry.body) = (Place::Done, Value::None);
        self.status.done += 1;
        if let Some(first) = self.first_loan_at {
            self.status.busy = first.elapsed();
        }
        self.results.push(done.clone());
        true
    }
}

impl Farm for Local {
    fn put(&mut self, tasks: &[Task]) -> Result<usize, Error> {
        let mut state = self.inner.state.lock().unwrap();
        let new = tasks.iter().filter(|task| state.add((*task).clone()));
        let new = new.count();
        state.closed &= new == 0;
        self.inner.new_task.notify_all();
        Ok(new)
    }

    fn take(&mut self, max: usize, wait: Duration) -> Result<Vec<Loan>, Error> {
        self.take_while(max, Wait::at_most(wait), &|| true)
    }

    fn renew(&mut self, held: &[Loan]) -> Result<(), Error> {
        let state = &mut *self.inner.state.lock().unwrap();
        let new_end = self.inner.limit.map(|limit| Instant::now() + limit);
        for loan in held {
            if !state.is_out(loan) {
                continue;
            }
            let id = loan.task.id;
            let entry = state.tasks.get_mut(&id).expect("it is out");
            if let Place::Out { end, .. } = &mut entry.place {
                state.ends.extend(new_end.map(|end| (end, id)));
                if let Some(old) = std::mem::replace(end, new_end)
                    && Some(old) != new_end
                {
                    state.ends.remove(&(old, id));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, done: &[Done]) -> Result<(), Error> {
        for done in done {
            self.finish_one(done);
        }
        Ok(())
    }

    fn give_back(&mut self, held: &[Loan]) -> Result<(), Error> {
        let mut state = self.inner.state.lock().unwrap();
        for loan in held.iter().rev() {
            if state.is_out(loan) {
                state.take_back(loan.task.id);
                self.inner.new_task.notify_one();
            }
        }
        Ok(())
    }

    fn collect(&mut self, wait: Duration) -> Result<Vec<Done>, Error> {
        let wait = Wait::at_most(wait);
        let mut state = self.inner.state.lock().unwrap();
        loop {
            let new = state.results.get(self.seen..).unwrap_or_default();
            if !new.is_empty() {
                self.seen = state.results.len();
                return Ok(new.to_vec());
            }
            if state.stopped {
                return Err(Error::Stopped);
            }
            let Some(time) = wait.next_check() else {
                return Ok(Vec::new());
            };
            state.wanted = true;
            state = self.inner.new_result.wait_timeout(state, time).unwrap().0;
            if state.results.len() > self.seen {
                drop(state);
                thread::sleep(GATHER);
                state = self.inner.state.lock().unwrap();
            }
        }
    }

    fn status(&mut self) -> Result<Status, Error> {
        let mut state = self.inner.state.lock().unwrap();
        state.end_loans(Instant::now());
        Ok(Status { over: state.closed, ..state.status.clone() })
    }

    fn close(&mut self) -> Result<(), Error> {
        self.inner.state.lock().unwrap().closed = true;
        self.inner.new_task.notify_all();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Error> {
        let mut state = self.inner.state.lock().unwrap();
        let (workers, seen) = (state.status.workers, state.status.seen);
        let kept = (state.closed, state.stopped, state.last_loan);
        *state = State::default();
        (state.status.workers, state.status.seen) = (workers, seen);
        (state.closed, state.stopped, state.last_loan) = kept;
        self.seen = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: u64) -> Task {
        Task { id, body: (id as i64).into() }
    }

    fn done(id: u64, result: &str) -> Done {
        Done { task: id, result: result.into() }
    }

    fn farm(limit: Option<u64>, tasks: u64) -> Local {
        let mut farm = Local::new(limit.map(Duration::from_millis));
        let tasks: Vec<_> = (0..tasks).map(task).collect();
        assert_eq!(farm.put(&tasks), Ok(tasks.len()));
        farm
    }

    fn take(farm: &mut Local) -> Loan {
        let mut loans = farm.take(1, Duration::from_secs(5)).unwrap();
        assert_eq!(loans.len(), 1);
        loans.remove(0)
    }

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn a_task_put_twice_is_held_once() {
        let mut farm = farm(None, 2);
        assert_eq!(farm.put(&[task(1), task(2)]), Ok(1));
        let loans = farm.take(9, NOW).unwrap();
        let ids: Vec<_> = loans.iter().map(|loan| loan.task.id).collect();
        assert_eq!(ids, [0, 1, 2]);
        assert_eq!(farm.put(&[task(1)]), Ok(0), "also on loan");
    }

    #[test]
    fn the_first_result_counts_and_others_are_dropped() {
        let mut farm = farm(None, 1);
        take(&mut farm);
        farm.finish(&[done(0, "first"), done(0, "second")]).unwrap();
        farm.finish(&[done(0, "third"), done(7, "of no task")]).unwrap();
        assert_eq!(farm.collect(NOW), Ok(vec![done(0, "first")]));
        assert_eq!(farm.collect(NOW), Ok(vec![]), "seen already");
        let status = farm.status().unwrap();
        assert_eq!((status.done, status.dropped), (1, 3));
        assert_eq!((status.waiting, status.out), (0, 0));
    }

    #[test]
    fn a_new_handle_sees_all_results() {
        let mut farm = farm(None, 2);
        farm.finish(&[done(0, "a")]).unwrap();
        assert_eq!(farm.collect(NOW).unwrap().len(), 1);
        farm.finish(&[done(1, "b")]).unwrap();
        let both = Ok(vec![done(0, "a"), done(1, "b")]);
        assert_eq!(farm.clone().collect(NOW), both);
    }

    #[test]
    fn what_is_given_back_is_lent_again_and_first() {
        let mut farm = farm(None, 3);
        let loans = farm.take(2, NOW).unwrap();
        farm.give_back(&loans).unwrap();
        farm.give_back(&loans).unwrap(); // Which changes nothing.
        assert_eq!(farm.status().unwrap().waiting, 3);
        let again = take(&mut farm);
        assert_eq!((again.task.id, again.tried), (0, 2));
        assert_eq!(farm.status().unwrap().again, 1);
        farm.give_back(&loans[..1]).unwrap(); // It is another loan by now.
        assert_eq!(farm.status().unwrap().out, 1);
    }

    #[test]
    fn a_loan_ends_and_a_late_result_still_counts_if_it_is_the_first() {
        let mut farm = farm(Some(10), 1);
        let first = take(&mut farm);
        let second = take(&mut farm); // As soon as the first loan has ended.
        assert_eq!((first.tried, second.tried), (1, 2));
        farm.finish(&[done(0, "late")]).unwrap();
        farm.finish(&[done(0, "too late")]).unwrap();
        assert_eq!(farm.collect(NOW), Ok(vec![done(0, "late")]));
        assert!(farm.take(1, NOW).unwrap().is_empty());
    }

    #[test]
    fn what_came_back_and_was_finished_late_is_not_lent_again() {
        let mut farm = farm(None, 1);
        let loan = take(&mut farm);
        farm.give_back(&[loan]).unwrap();
        farm.finish(&[done(0, "late")]).unwrap();
        assert!(farm.take(1, NOW).unwrap().is_empty());
        let status = farm.status().unwrap();
        assert_eq!((status.waiting, status.out), (0, 0));
    }

    #[test]
    fn whoever_renews_keeps_the_task() {
        let mut farm = farm(Some(100), 1);
        let loan = take(&mut farm);
        let mut other = farm.clone();
        for _ in 0..6 {
            thread::sleep(Duration::from_millis(30));
            farm.renew(std::slice::from_ref(&loan)).unwrap();
            farm.renew(std::slice::from_ref(&loan)).unwrap();
        }
        let state = farm.inner.state.lock().unwrap();
        assert_eq!(state.ends.len(), 1);
        drop(state);
        // Unless this machine stood still for 100 ms, it has not come back.
        let status = other.status().unwrap();
        assert_eq!(status.out + status.waiting, 1);
    }

    #[test]
    fn nobody_waits_for_a_farm_that_is_closed_or_stopped() {
        let mut farm = farm(None, 0);
        let long = Duration::from_secs(600);
        thread::scope(|s| {
            let mut worker = farm.clone();
            let waits = s.spawn(move || worker.take(1, long));
            farm.close().unwrap();
            assert_eq!(waits.join().unwrap(), Ok(vec![]));
            let mut master = farm.clone();
            let waits = s.spawn(move || master.collect(long));
            farm.stop();
            assert_eq!(waits.join().unwrap(), Err(Error::Stopped));
        });
        assert_eq!(farm.take(1, NOW), Err(Error::Stopped));
    }

    #[test]
    fn a_cleared_farm_is_empty() {
        let mut farm = farm(Some(1000), 3);
        let loan = take(&mut farm);
        farm.finish(&[done(1, "x")]).unwrap();
        farm.clear().unwrap();
        assert_eq!(farm.status(), Ok(Status::default()));
        assert_eq!(farm.collect(NOW), Ok(vec![]));
        farm.give_back(&[loan]).unwrap();
        assert!(farm.take(1, NOW).unwrap().is_empty());
    }

    #[test]
    fn many_at_once_lose_nothing_and_double_nothing() {
        let mut farm = farm(Some(60_000), 20_000);
        thread::scope(|s| {
            for worker in 0..8 {
                let mut farm = farm.clone();
                s.spawn(move || {
                    loop {
                        let loans = farm.take(1 + worker, NOW).unwrap();
                        let Some(loan) = loans.first() else { break };
                        if loan.task.id % 7 == 0 && loan.tried == 1 {
                            farm.give_back(&loans).unwrap();
                            continue;
                        }
                        let done: Vec<_> =
                            loans.iter().map(|l| done(l.task.id, "")).collect();
                        farm.finish(&done).unwrap();
                    }
                });
            }
        });
        let mut ids: Vec<_> =
            farm.collect(NOW).unwrap().iter().map(|d| d.task).collect();
        ids.sort_unstable();
        assert!(ids.into_iter().eq(0..20_000));
        assert_eq!(farm.status().unwrap().dropped, 0);
    }
}
