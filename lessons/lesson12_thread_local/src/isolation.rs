//! What one thread binds, another does not see.

use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use shared::{nap, timeline};

// ANCHOR: look
thread_local! {
    /// Unbound at first, in every thread.
    static STUDENT: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// How many times its thread has looked.
    static LOOKS: Cell<u32> = const { Cell::new(0) };
}

fn bind(me: &str, student: &'static str) {
    STUDENT.set(Some(student));
    println!("{me} binds {student}");
}

fn look(me: &str) {
    timeline::lane(me);
    LOOKS.set(LOOKS.get() + 1);
    let student = STUDENT.get();
    let seen = student.unwrap_or("nothing");
    println!("{me}, look {}: {seen}", LOOKS.get());
    let _span = match student {
        Some(_) => timeline::working(seen),
        None => timeline::waiting(seen),
    };
    nap(0.5);
}
// ANCHOR_END: look

// ANCHOR: isolation
pub fn isolation() {
    let step = &Barrier::new(3);
    bind("MainThread", "GHI");
    thread::scope(|s| {
        s.spawn(|| {
            look("Thread-A"); // The main thread has bound GHI before.
            bind("Thread-A", "ABC");
            step.wait();
            look("Thread-A");
            step.wait();
            look("Thread-A");
        });
        s.spawn(|| {
            look("Thread-D");
            step.wait();
            look("Thread-D"); // Thread-A has bound ABC before.
            bind("Thread-D", "DEF");
            step.wait();
            look("Thread-D");
        });
        look("MainThread");
        step.wait();
        look("MainThread");
        step.wait();
        look("MainThread");
    });
}
// ANCHOR_END: isolation
