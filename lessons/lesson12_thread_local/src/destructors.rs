//! How long a thread's values live.

use std::cell::RefCell;
use std::sync::mpsc::{self, Sender};
use std::thread;

use shared::nap;
use shared::timeline::{self, Span};

// ANCHOR: Value
/// A value that takes half a second to drop, and then reports it.
struct Value {
    thread: &'static str,
    name: &'static str,
    _alive: Sender<()>, // The receiver notices when the last one is gone.
    _span: Span,
}

impl Drop for Value {
    fn drop(&mut self) {
        nap(0.5);
        println!("{}: {} is dropped", self.thread, self.name);
    }
}

thread_local! {
    static FIRST: RefCell<Option<Value>> = const { RefCell::new(None) };
    static SECOND: RefCell<Option<Value>> = const { RefCell::new(None) };
    static PAIR: RefCell<Option<(Value, Value)>> =
        const { RefCell::new(None) };
}
// ANCHOR_END: Value

// ANCHOR: destructors
pub fn destructors() {
    let (alive, gone) = mpsc::channel();
    let still_alive = alive.clone();
    let thread = thread::spawn(move || {
        FIRST.set(Some(Value::new("Thread-J", "first", &alive)));
        SECOND.set(Some(Value::new("Thread-J", "second", &alive)));
        println!("Thread-J: the closure returns");
    });
    let waiting = timeline::waiting("join");
    thread.join().unwrap(); // Waits for the values as well.
    drop(waiting);
    println!("MainThread has joined Thread-J");

    thread::scope(|s| {
        s.spawn(move || {
            let first = Value::new("Thread-S", "first", &still_alive);
            let second = Value::new("Thread-S", "second", &still_alive);
            PAIR.set(Some((first, second)));
            println!("Thread-S: the closure returns");
        });
    }); // Waits for the closure only.
    println!("MainThread has left the scope of Thread-S");
    let _waiting = timeline::waiting("recv");
    gone.recv().expect_err("no message: this waits for the last value");
    println!("MainThread has waited for the last value");
}
// ANCHOR_END: destructors

impl Value {
    fn new(
        thread: &'static str,
        name: &'static str,
        alive: &Sender<()>,
    ) -> Self {
        timeline::lane(thread);
        let _span = timeline::working(name);
        Self { thread, name, _alive: alive.clone(), _span }
    }
}
