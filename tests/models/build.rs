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
        "while held.is_of_another(me) {
            held.waiting += 1;
            held = self.free.wait(",
        "if held.is_of_another(me) {
            held.waiting += 1;
            held = self.free.wait(",
    ),
    (
        "rlock_of_anybody",
        "rlock",
        "self.owner.is_some_and(|owner| owner != me)",
        "{
            let _ = me;
            false
        }",
    ),
    (
        "rlock_wakes_too_early",
        "rlock",
        "held.owner = None;",
        "drop(held);
        self.free.notify_one();
        let mut held = self.held.lock().unwrap();
        held.waiting = 0;
        held.owner = None;",
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
    // A file that is included may not begin with the words of its module.
    text.replace("//!", "//")
}
