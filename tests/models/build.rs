//! Takes the lessons' own files, as they are, and lets them use the model
//! checker's locks and threads instead of those of `std`. Next to each, the
//! same file broken in a way that the model checker must find.

use std::path::Path;
use std::{env, fs};

/// A file of a lesson, and what it is called here.
const FILES: &[(&str, &str)] = &[
    ("rlock", "lesson09_rlock/src/rlock.rs"),
    ("turns", "lesson10_condition/src/turns.rs"),
    ("event", "lesson11_event/src/event.rs"),
];

/// A way to break a file: what it is called here, the file, what stands there
/// once, and what comes instead.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (
        "rlock_if_for_while",
        "rlock",
        "guard = self.released.wait_timeout(guard, left).unwrap().0;",
        "guard = self.released.wait_timeout(guard, left).unwrap().0;
            self.owner.store(me(), SeqCst);",
    ),
    (
        "rlock_of_anybody",
        "rlock",
        "self.owner.compare_exchange(FREE, me, SeqCst, SeqCst).ok()?;",
        "self.owner.store(me, SeqCst);",
    ),
    (
        "rlock_wakes_too_early",
        "rlock",
        "self.owner.store(FREE, SeqCst);
            if self.has_waiter.load(SeqCst) {
                self.wake_one();
            }",
        "if self.has_waiter.load(SeqCst) {
                self.wake_one();
            }
            self.owner.store(FREE, SeqCst);",
    ),
    (
        "rlock_forgets_the_second",
        "rlock",
        "loop {
            self.has_waiter.store(true, SeqCst);
            if let",
        "self.has_waiter.store(true, SeqCst);
        loop {
            if let",
    ),
    (
        "rlock_waits_unseen",
        "rlock",
        "self.has_waiter.store(true, SeqCst);
            if let Some(counter) = self.try_acquire() {
                return Some(counter);
            }",
        "if let Some(counter) = self.try_acquire() {
                return Some(counter);
            }
            self.has_waiter.store(true, SeqCst);",
    ),
    (
        "turns_if_for_while",
        "turns",
        "self.changed.wait_while(guard, |taken| *taken != mine).unwrap()",
        "if *guard == mine {
                guard
            } else {
                self.changed.wait(guard).unwrap()
            }",
    ),
    ("turns_wakes_one", "turns", "notify_all", "notify_one"),
    (
        "event_wakes_too_early",
        "event",
        "let mut guard = self.state.lock().unwrap();
        guard.set = true;
        guard.generation += 1;
        drop(guard);
        self.condvar.notify_all();",
        "self.condvar.notify_all();
        let mut guard = self.state.lock().unwrap();
        guard.set = true;
        guard.generation += 1;",
    ),
    ("event_wakes_one", "event", "notify_all", "notify_one"),
];

fn main() {
    let lessons = Path::new("../../lessons");
    let mut modules = String::new();
    let mut module = |name: &str, text: &str| {
        let text = for_the_checker(text);
        modules += &format!("pub mod {name} {{\n{text}\n}}\n");
    };
    for (name, file) in FILES {
        let path = lessons.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect(file);
        module(name, &text);
        for (broken, _, from, to) in BROKEN.iter().filter(|b| b.1 == *name) {
            assert_eq!(text.matches(from).count(), 1, "{broken}: {from}");
            module(broken, &text.replace(from, to));
        }
    }
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("files.rs"), modules).expect("ours");
}

fn for_the_checker(text: &str) -> String {
    let text = text.replace("std::sync", "shuttle::sync");
    let text = text.replace("std::thread", "shuttle::thread");
    // What only one thread at a time uses needs no search.
    let text = text.replace("counter: A", "counter: std::sync::atomic::A");
    let text = text.replace(
        "NEXT: AtomicU64 = ",
        "NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::",
    );
    // A file that is included may not begin with the words of its module.
    text.replace("//!", "//")
}
