//! Python's `Queue`, `LifoQueue` and `PriorityQueue`, for clients to share.

mod call;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};

use crate::compare::compare;
use crate::object::{Arguments, CallError, Caller, ManagedObject};
use crate::value::{Object, Value};
use crate::wait::{Wait, negative_timeout};

pub use call::QueueCall;

/// A queue that behaves like one of Python's module `queue`, with or without a
/// limit. Its `task_done` and `join` are those of a `JoinableQueue` as well.
///
/// ```
/// use pymanagers::{Queue, Wait};
///
/// let queue = Queue::new(1);
/// queue.put(3411.into(), Wait::No)?;
/// assert!(queue.put(1605.into(), Wait::No).is_err(), "full");
/// assert_eq!(queue.get(Wait::No)?, 3411.into());
/// # Ok::<(), pymanagers::CallError>(())
/// ```
#[derive(Debug)]
pub struct Queue {
    order: Order,
    /// 0: no limit.
    max: usize,
    state: Mutex<State>,
    not_empty: Condvar,
    not_full: Condvar,
    all_done: Condvar,
}

/// Which item comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Fifo,
    Lifo,
    Priority,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Value>,
    unfinished: usize,
    is_shut_down: bool,
}

impl State {
    fn insert(&mut self, item: Value, order: Order) -> Result<(), CallError> {
        let at = match order {
            Order::Fifo => self.items.len(),
            Order::Lifo => 0,
            Order::Priority => self.place_of(&item)?,
        };
        self.items.insert(at, item);
        Ok(())
    }

    /// Behind all that are not greater.
    fn place_of(&self, item: &Value) -> Result<usize, CallError> {
        let mut failed = None;
        let at = self.items.partition_point(|other| {
            let is_greater = compare(other, item).map(|order| order.is_gt());
            !is_greater.unwrap_or_else(|error| {
                failed = Some(error);
                true
            })
        });
        failed.map_or(Ok(at), Err)
    }
}

impl Queue {
    /// Python's `Queue(max)`: an empty queue that holds at most `max` items;
    /// 0: no limit.
    pub fn new(max: usize) -> Self {
        Self::with_order(max, Order::Fifo)
    }

    /// Python's `LifoQueue(max)`: the last item comes first.
    pub fn lifo(max: usize) -> Self {
        Self::with_order(max, Order::Lifo)
    }

    /// Python's `PriorityQueue(max)`: the lowest item comes first.
    pub fn priority(max: usize) -> Self {
        Self::with_order(max, Order::Priority)
    }

    fn with_order(max: usize, order: Order) -> Self {
        Self {
            order,
            max,
            state: Mutex::default(),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
            all_done: Condvar::new(),
        }
    }

    /// Puts an item in, when there is room.
    ///
    /// # Errors
    ///
    /// `queue.Full`, `queue.ShutDown`, and for a priority queue `TypeError`
    /// when the item cannot be compared.
    pub fn put(&self, item: Value, wait: Wait) -> Result<(), CallError> {
        self.put_for(item, wait, &|| Ok(()))
    }

    /// Takes the item that comes first.
    ///
    /// # Errors
    ///
    /// `queue.Empty` and `queue.ShutDown`.
    pub fn get(&self, wait: Wait) -> Result<Value, CallError> {
        self.get_for(wait, &|| Ok(()))
    }

    fn put_for(&self, item: Value, wait: Wait, check: Check) -> Done {
        let mut state = self.state();
        while self.max > 0
            && state.items.len() >= self.max
            && !state.is_shut_down
        {
            let time = wait.next_check().ok_or_else(CallError::full)?;
            state = self.not_full.wait_timeout(state, time).unwrap().0;
            check()?;
        }
        if state.is_shut_down {
            return Err(CallError::shut_down());
        }
        state.insert(item, self.order)?;
        state.unfinished += 1;
        self.not_empty.notify_one();
        Ok(())
    }

    fn get_for(&self, wait: Wait, check: Check) -> Result<Value, CallError> {
        let mut state = self.state();
        loop {
            if let Some(item) = state.items.pop_front() {
                self.not_full.notify_one();
                return Ok(item);
            }
            if state.is_shut_down {
                return Err(CallError::shut_down());
            }
            let time = wait.next_check().ok_or_else(CallError::empty)?;
            state = self.not_empty.wait_timeout(state, time).unwrap().0;
            check()?;
        }
    }

    /// Puts an item back that its taker has not got: it comes first again.
    pub fn put_back(&self, item: Value) {
        let mut state = self.state();
        let at = match self.order {
            Order::Priority => state.place_of(&item).unwrap_or_default(),
            _ => 0,
        };
        state.items.insert(at, item);
        self.not_empty.notify_one();
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.state().items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn is_full(&self) -> bool {
        self.max > 0 && self.len() >= self.max
    }

    /// An item that was put is done with.
    ///
    /// # Errors
    ///
    /// `ValueError` when it is called more often than `put`.
    pub fn task_done(&self) -> Result<(), CallError> {
        let mut state = self.state();
        let left = state.unfinished.checked_sub(1);
        state.unfinished = left.ok_or_else(CallError::too_many_done)?;
        if state.unfinished == 0 {
            self.all_done.notify_all();
        }
        Ok(())
    }

    /// Waits until every item that was put is done with.
    pub fn join(&self) {
        let joined = self.join_for(&|| Ok(()));
        joined.expect("it is not interrupted");
    }

    fn join_for(&self, check: Check) -> Done {
        let mut state = self.state();
        while state.unfinished > 0 {
            let time = Wait::Forever.next_check().unwrap_or_default();
            state = self.all_done.wait_timeout(state, time).unwrap().0;
            check()?;
        }
        Ok(())
    }

    /// Python 3.13's `shutdown(immediate)`: from now on `put` fails with
    /// `queue.ShutDown`, and so does `get` on an empty queue. If it is
    /// `immediate`, the queue is emptied.
    pub fn shutdown(&self, immediate: bool) {
        let mut state = self.state();
        state.is_shut_down = true;
        if immediate {
            let left = state.unfinished.saturating_sub(state.items.len());
            state.unfinished = left;
            state.items.clear();
        }
        for changed in [&self.not_empty, &self.not_full, &self.all_done] {
            changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// Fails when the caller that waits is gone.
type Check<'a> = &'a dyn Fn() -> Result<(), CallError>;

type Done = Result<(), CallError>;

impl ManagedObject for Queue {
    fn methods(&self) -> &[&str] {
        QueueCall::METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, CallError> {
        let check: Check = &|| caller.check_connected();
        match QueueCall::read(method, arguments)? {
            // Without a limit it does not wait, whatever the arguments say.
            QueueCall::Put(item, _) if self.max == 0 => {
                self.put_for(item, Wait::No, check)?;
            }
            QueueCall::Put(item, wait) => {
                let wait = wait.ok_or_else(negative_timeout)?;
                self.put_for(item, wait, check)?;
            }
            QueueCall::Get(wait) => return self.get_for(wait, check),
            QueueCall::Size => return Ok((self.len() as i64).into()),
            QueueCall::IsEmpty => return Ok(self.is_empty().into()),
            QueueCall::IsFull => return Ok(self.is_full().into()),
            QueueCall::TaskDone => self.task_done()?,
            QueueCall::Join => self.join_for(check)?,
            QueueCall::Shutdown { immediate } => self.shutdown(immediate),
        }
        Ok(Value::None)
    }

    fn undelivered(&self, _: &Caller, method: &str, value: Value) {
        if matches!(method, "get" | "get_nowait") {
            self.put_back(value);
        }
    }
}

impl CallError {
    /// `queue.Empty`.
    pub fn empty() -> Self {
        Self::of_queue("Empty")
    }

    /// `queue.Full`.
    pub fn full() -> Self {
        Self::of_queue("Full")
    }

    /// `queue.ShutDown`, which Python has since 3.13.
    pub fn shut_down() -> Self {
        Self::of_queue("ShutDown")
    }

    /// What `task_done` raises when it is called more often than `put`.
    pub fn too_many_done() -> Self {
        Self::raise("ValueError", "task_done() called too many times")
    }

    fn of_queue(name: &str) -> Self {
        Object::exception("queue", name, Vec::new()).into()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn soon() -> Wait {
        Wait::at_most(Duration::from_millis(20))
    }

    fn gone() -> Result<(), CallError> {
        Err(CallError::Disconnected)
    }

    fn put_all(queue: &Queue, items: &[i64]) {
        for n in items {
            queue.put((*n).into(), Wait::No).unwrap();
        }
    }

    fn get_all(queue: &Queue) -> Vec<i64> {
        let next = || queue.get(Wait::No).ok()?.as_int();
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn each_queue_has_its_order() {
        for (queue, order) in [
            (Queue::new(0), [9, 3, 1, 2]),
            (Queue::lifo(0), [9, 2, 1, 3]),
            (Queue::priority(0), [1, 2, 3, 9]),
        ] {
            put_all(&queue, &[3, 1, 2]);
            queue.put_back(9.into());
            assert_eq!(get_all(&queue), order, "{queue:?}");
        }
    }

    #[test]
    fn a_priority_queue_refuses_what_it_cannot_compare() {
        let queue = Queue::priority(0);
        put_all(&queue, &[1]);
        let CallError::Raised(error) =
            queue.put("one".into(), Wait::No).unwrap_err()
        else {
            panic!("not raised");
        };
        assert_eq!(error.class.name, "TypeError");
        assert_eq!(get_all(&queue), [1]);
    }

    #[test]
    fn an_empty_queue_and_a_full_one_wait_and_then_say_so() {
        let queue = Queue::new(1);
        for wait in [Wait::No, soon()] {
            assert_eq!(queue.get(wait), Err(CallError::empty()));
        }
        put_all(&queue, &[1]);
        for wait in [Wait::No, soon()] {
            assert_eq!(queue.put(2.into(), wait), Err(CallError::full()));
        }
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn a_waiting_thread_is_woken() {
        let queue = Queue::new(1);
        thread::scope(|s| {
            let got =
                s.spawn(|| [(); 3].map(|()| queue.get(Wait::Forever).unwrap()));
            for n in 0..3 {
                queue.put(n.into(), Wait::Forever).unwrap();
            }
            assert_eq!(got.join().unwrap(), [0, 1, 2].map(Value::from));
        });
    }

    #[test]
    fn no_call_waits_for_a_caller_that_has_gone() {
        let queue = Queue::new(1);
        let wait = Wait::Forever;
        let disconnected = Err(CallError::Disconnected);
        assert_eq!(queue.get_for(wait, &gone).map(drop), disconnected);
        put_all(&queue, &[1]);
        assert_eq!(queue.put_for(2.into(), wait, &gone), disconnected);
        assert_eq!(queue.join_for(&gone), disconnected);
    }

    #[test]
    fn join_waits_for_every_task() {
        let queue = Queue::new(0);
        assert!(queue.task_done().is_err(), "more often than put");
        queue.join();
        put_all(&queue, &[1]);
        thread::scope(|s| {
            let join = s.spawn(|| queue.join());
            queue.get(Wait::No).unwrap();
            assert!(!join.is_finished());
            queue.task_done().unwrap();
        });
    }

    #[test]
    fn a_queue_that_is_shut_down_hands_out_the_rest() {
        let queue = Queue::new(1);
        put_all(&queue, &[1]);
        thread::scope(|s| {
            let put = s.spawn(|| queue.put(2.into(), Wait::Forever));
            queue.shutdown(false);
            assert_eq!(put.join().unwrap(), Err(CallError::shut_down()));
        });
        assert_eq!(queue.get(Wait::Forever), Ok(1.into()));
        assert_eq!(queue.get(Wait::Forever), Err(CallError::shut_down()));
    }

    #[test]
    fn a_queue_that_is_shut_down_at_once_is_empty_and_joined() {
        let queue = Queue::new(0);
        put_all(&queue, &[1, 2]);
        queue.shutdown(true);
        assert_eq!(queue.get(Wait::No), Err(CallError::shut_down()));
        queue.join();
    }
}
