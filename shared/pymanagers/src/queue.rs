//! Python's `queue.Queue`, for clients to share.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::server::{Arguments, Caller, Fault, Shared};
use super::value::{Object, Value};

/// How long to wait for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// Until then.
    Until(Instant),
    /// As long as it takes.
    ForEver,
}

/// Whoever waits looks this often whether its client is still there.
const LOOK: Duration = Duration::from_millis(200);

impl Wait {
    /// For so long at the most.
    pub fn at_most(time: Duration) -> Self {
        match Instant::now().checked_add(time) {
            _ if time.is_zero() => Self::No,
            Some(end) => Self::Until(end),
            None => Self::ForEver,
        }
    }

    /// What Python's arguments `block` and `timeout` mean.
    ///
    /// # Errors
    ///
    /// What Python raises when they mean nothing.
    pub fn from_python(
        block: Option<Value>,
        timeout: Option<Value>,
    ) -> Result<Self, Fault> {
        if block.is_some_and(|block| !block.is_true()) {
            return Ok(Self::No);
        }
        let seconds = match timeout {
            None | Some(Value::None) => return Ok(Self::ForEver),
            Some(Value::Float(seconds)) => seconds,
            Some(value) => match value.as_int() {
                Some(seconds) => seconds as f64,
                None => {
                    let words = format!("a timeout is a number, not {value}");
                    return Err(Fault::raise("TypeError", &words));
                }
            },
        };
        if seconds < 0.0 {
            let words = "'timeout' must be a non-negative number";
            return Err(Fault::raise("ValueError", words));
        }
        let time = Duration::try_from_secs_f64(seconds);
        Ok(time.map_or(Self::ForEver, Self::at_most))
    }

    /// How long to sleep before the next look; `None` when time is up.
    pub fn next_look(self) -> Option<Duration> {
        match self {
            Self::No => None,
            Self::ForEver => Some(LOOK),
            Self::Until(end) => {
                let left = end.saturating_duration_since(Instant::now());
                (!left.is_zero()).then_some(left.min(LOOK))
            }
        }
    }
}

/// A queue that behaves like Python's, with or without a limit.
///
/// ```
/// use pymanagers::{Queue, Wait};
///
/// let queue = Queue::new(1);
/// queue.put(3411.into(), Wait::No, &|| true).unwrap();
/// assert!(queue.put(1605.into(), Wait::No, &|| true).is_err(), "full");
/// assert_eq!(queue.get(Wait::No, &|| true).unwrap(), 3411.into());
/// ```
#[derive(Debug)]
pub struct Queue {
    /// 0: no limit.
    max: usize,
    state: Mutex<State>,
    not_empty: Condvar,
    not_full: Condvar,
    all_done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Value>,
    unfinished: usize,
}

impl Queue {
    /// An empty queue that holds at most `max` items; 0: no limit.
    pub fn new(max: usize) -> Self {
        let [not_empty, not_full, all_done] = Default::default();
        let state = Mutex::default();
        Self { max, state, not_empty, not_full, all_done }
    }

    /// Puts an item in, when there is room.
    ///
    /// # Errors
    ///
    /// `queue.Full`, or that whoever waits is not `there` any more.
    pub fn put(
        &self,
        item: Value,
        wait: Wait,
        there: &dyn Fn() -> bool,
    ) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap();
        while self.max > 0 && state.items.len() >= self.max {
            let time = wait.next_look().ok_or_else(Fault::full)?;
            state = self.not_full.wait_timeout(state, time).unwrap().0;
            still(there)?;
        }
        state.items.push_back(item);
        state.unfinished += 1;
        self.not_empty.notify_one();
        Ok(())
    }

    /// Takes the item that has been there for longest.
    ///
    /// # Errors
    ///
    /// `queue.Empty`, or that whoever waits is not `there` any more.
    pub fn get(
        &self,
        wait: Wait,
        there: &dyn Fn() -> bool,
    ) -> Result<Value, Fault> {
        let mut state = self.state.lock().unwrap();
        loop {
            if let Some(item) = state.items.pop_front() {
                self.not_full.notify_one();
                return Ok(item);
            }
            let time = wait.next_look().ok_or_else(Fault::empty)?;
            state = self.not_empty.wait_timeout(state, time).unwrap().0;
            still(there)?;
        }
    }

    /// Puts an item back to the front: whoever took it has not got it.
    pub fn put_back(&self, item: Value) {
        self.state.lock().unwrap().items.push_front(item);
        self.not_empty.notify_one();
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.state.lock().unwrap().items.len()
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
    pub fn task_done(&self) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap();
        let left = state.unfinished.checked_sub(1);
        let too_many = || Fault::raise("ValueError", TOO_MANY);
        state.unfinished = left.ok_or_else(too_many)?;
        if state.unfinished == 0 {
            self.all_done.notify_all();
        }
        Ok(())
    }

    /// Waits until every item that was put is done with.
    ///
    /// # Errors
    ///
    /// When whoever waits is not `there` any more.
    pub fn join(&self, there: &dyn Fn() -> bool) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap();
        while state.unfinished > 0 {
            state = self.all_done.wait_timeout(state, LOOK).unwrap().0;
            still(there)?;
        }
        Ok(())
    }
}

impl Queue {
    /// Performs a call of a client that may be `there` or not.
    ///
    /// # Errors
    ///
    /// As for the method called.
    pub fn perform(
        &self,
        call: Call,
        there: &dyn Fn() -> bool,
    ) -> Result<Value, Fault> {
        match call {
            Call::Put(item, wait) => self.put(item, wait, there)?,
            Call::Get(wait) => return self.get(wait, there),
            Call::Size => return Ok((self.len() as i64).into()),
            Call::IsEmpty => return Ok(self.is_empty().into()),
            Call::IsFull => return Ok(self.is_full().into()),
            Call::TaskDone => self.task_done()?,
            Call::Join => self.join(there)?,
        }
        Ok(Value::None)
    }
}

/// CPython's words.
pub const TOO_MANY: &str = "task_done() called too many times";

/// What CPython exposes of a queue.
pub const METHODS: &[&str] = &[
    "empty",
    "full",
    "get",
    "get_nowait",
    "join",
    "put",
    "put_nowait",
    "qsize",
    "task_done",
];

fn still(there: &dyn Fn() -> bool) -> Result<(), Fault> {
    if there() { Ok(()) } else { Err(Fault::Gone) }
}

impl Shared for Queue {
    fn exposed(&self) -> &[&str] {
        METHODS
    }

    fn call(
        &self,
        caller: &Caller,
        method: &str,
        arguments: Arguments,
    ) -> Result<Value, Fault> {
        self.perform(Call::read(method, arguments)?, &|| caller.is_there())
    }

    fn undelivered(&self, _: &Caller, method: &str, value: Value) {
        if matches!(method, "get" | "get_nowait") {
            self.put_back(value);
        }
    }
}

/// A call of one of a queue's methods, its arguments understood.
#[derive(Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Call {
    Put(Value, Wait),
    Get(Wait),
    Size,
    IsEmpty,
    IsFull,
    TaskDone,
    Join,
}

impl Call {
    /// Reads the arguments, or says what Python raises when they do not fit.
    pub fn read(method: &str, arguments: Arguments) -> Result<Self, Fault> {
        let missing = |name: &str| {
            let words = format!("{method}() missing 1 required {name}");
            Fault::raise("TypeError", &words)
        };
        let needs = "positional argument: 'item'";
        Ok(match method {
            "put" => {
                let names = ["item", "block", "timeout"];
                let [item, block, timeout] = arguments.bind(method, names)?;
                let item = item.ok_or_else(|| missing(needs))?;
                Self::Put(item, Wait::from_python(block, timeout)?)
            }
            "put_nowait" => {
                let [item] = arguments.bind(method, ["item"])?;
                Self::Put(item.ok_or_else(|| missing(needs))?, Wait::No)
            }
            "get" => {
                let names = ["block", "timeout"];
                let [block, timeout] = arguments.bind(method, names)?;
                Self::Get(Wait::from_python(block, timeout)?)
            }
            plain => {
                let [] = arguments.bind(method, [])?;
                match plain {
                    "get_nowait" => Self::Get(Wait::No),
                    "qsize" => Self::Size,
                    "empty" => Self::IsEmpty,
                    "full" => Self::IsFull,
                    "task_done" => Self::TaskDone,
                    "join" => Self::Join,
                    unknown => return Err(Fault::Unknown(unknown.into())),
                }
            }
        })
    }
}

impl Fault {
    /// `queue.Empty`.
    pub fn empty() -> Self {
        Self::Raised(Object::exception("queue", "Empty", Vec::new()))
    }

    /// `queue.Full`.
    pub fn full() -> Self {
        Self::Raised(Object::exception("queue", "Full", Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const HERE: &dyn Fn() -> bool = &|| true;

    fn soon() -> Wait {
        Wait::at_most(Duration::from_millis(20))
    }

    #[test]
    fn first_in_is_first_out() {
        let queue = Queue::new(0);
        for n in 0..3 {
            queue.put(n.into(), Wait::No, HERE).unwrap();
        }
        queue.put_back(9.into());
        let got = [(); 4].map(|()| queue.get(Wait::No, HERE).unwrap());
        assert_eq!(got, [9, 0, 1, 2].map(Value::from));
    }

    #[test]
    fn an_empty_one_and_a_full_one_make_wait_and_then_say_so() {
        let queue = Queue::new(1);
        for wait in [Wait::No, soon()] {
            assert_eq!(queue.get(wait, HERE), Err(Fault::empty()));
        }
        queue.put(1.into(), Wait::No, HERE).unwrap();
        for wait in [Wait::No, soon()] {
            let put = queue.put(2.into(), wait, HERE);
            assert_eq!(put, Err(Fault::full()));
        }
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn whoever_waits_is_woken() {
        let queue = Queue::new(1);
        thread::scope(|s| {
            let got = s.spawn(|| {
                [(); 3].map(|()| queue.get(Wait::ForEver, HERE).unwrap())
            });
            for n in 0..3 {
                queue.put(n.into(), Wait::ForEver, HERE).unwrap();
            }
            assert_eq!(got.join().unwrap(), [0, 1, 2].map(Value::from));
        });
    }

    #[test]
    fn nobody_waits_for_one_who_has_gone() {
        let queue = Queue::new(1);
        let gone = &|| false;
        assert_eq!(queue.get(Wait::ForEver, gone), Err(Fault::Gone));
        queue.put(1.into(), Wait::No, HERE).unwrap();
        let put = queue.put(2.into(), Wait::ForEver, gone);
        assert_eq!(put, Err(Fault::Gone));
        assert_eq!(queue.join(gone), Err(Fault::Gone));
    }

    #[test]
    fn join_waits_for_every_task() {
        let queue = Queue::new(0);
        assert!(queue.task_done().is_err(), "more often than put");
        queue.join(HERE).unwrap();
        queue.put(1.into(), Wait::No, HERE).unwrap();
        thread::scope(|s| {
            let join = s.spawn(|| queue.join(HERE));
            queue.get(Wait::No, HERE).unwrap();
            queue.task_done().unwrap();
            join.join().unwrap().unwrap();
        });
    }

    fn read(
        method: &str,
        positional: &[Value],
        named: &[(&str, Value)],
    ) -> Result<Call, Fault> {
        let named = named.iter().map(|(n, v)| (n.to_string(), v.clone()));
        let (positional, named) = (positional.to_vec(), named.collect());
        Call::read(method, Arguments { positional, named })
    }

    #[test]
    fn arguments_have_a_place_or_a_name() {
        let no = Ok(Call::Get(Wait::No));
        assert_eq!(read("get", &[false.into()], &[]), no);
        assert_eq!(read("get", &[], &[("block", 0.into())]), no);
        assert_eq!(read("get", &[], &[("timeout", 0.into())]), no);
        let for_ever = Ok(Call::Get(Wait::ForEver));
        assert_eq!(read("get", &[], &[]), for_ever);
        assert_eq!(read("get", &[true.into(), Value::None], &[]), for_ever);
        let one = [("item", 1.into()), ("block", false.into())];
        assert_eq!(read("put", &[], &one), Ok(Call::Put(1.into(), Wait::No)));
        let later = read("get", &[], &[("timeout", Value::Float(1e10))]);
        assert!(matches!(later, Ok(Call::Get(_))), "{later:?}");
    }

    #[test]
    fn arguments_that_do_not_fit_are_refused_as_by_python() {
        let name = |result: Result<Call, Fault>| match result {
            Err(Fault::Raised(exception)) => exception.class.name,
            other => panic!("not raised: {other:?}"),
        };
        assert_eq!(name(read("put", &[], &[])), "TypeError");
        assert_eq!(name(read("qsize", &[1.into()], &[])), "TypeError");
        let twice = read("put", &[1.into()], &[("item", 2.into())]);
        assert_eq!(name(twice), "TypeError");
        let unknown = read("get", &[], &[("time", 2.into())]);
        assert_eq!(name(unknown), "TypeError");
        let negative = read("get", &[], &[("timeout", (-1).into())]);
        assert_eq!(name(negative), "ValueError");
    }
}
