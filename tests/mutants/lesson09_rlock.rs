//! What must not go unnoticed in lesson 9.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "acquire does not look who the owner is, and lets all in",
        file: "src/rlock.rs",
        from: "self.owner.is_some_and(|owner| owner != me)",
        to: "self.owner != self.owner && self.owner != Some(me)",
    },
    Mutant {
        what: "acquire does not look who the owner is, and lets none in",
        file: "src/rlock.rs",
        from: "self.owner.is_some_and(|owner| owner != me)",
        to: "self.owner.is_some_and(|owner| owner != me || owner == me)",
    },
    Mutant {
        what: "anybody may release",
        file: "src/rlock.rs",
        from: "if held.owner != Some(me()) {",
        to: "if held.owner.is_none() {",
    },
    Mutant {
        what: "a release of an inner level frees the lock",
        file: "src/rlock.rs",
        from: "        if held.counter > 0 {\n            return Ok(held.counter);\n        }",
        to: "        let left = std::mem::take(&mut held.counter);\n        if left > 0 {\n            held.owner = None;\n            self.free.notify_one();\n            return Ok(left);\n        }",
    },
    Mutant {
        what: "nobody is told that it is free",
        file: "src/rlock.rs",
        from: "self.free.notify_one();",
        to: "",
    },
    Mutant {
        what: "a thread that wakes up does not look again",
        file: "src/rlock.rs",
        from: "while held.is_of_another(me) {\n            held.waiting += 1;",
        to: "if held.is_of_another(me) {\n            held.waiting += 1;",
    },
    Mutant {
        what: "a thread that waits does not sleep",
        file: "src/rlock.rs",
        from: "held = self.free.wait(held).unwrap();",
        to: "drop(held);\n            held = self.held.lock().unwrap();",
    },
    Mutant {
        what: "a wait with a limit has none",
        file: "src/rlock.rs",
        from: "limit.checked_sub(begin.elapsed())?",
        to: "limit.checked_sub(begin.elapsed()).unwrap_or(limit)",
    },
    Mutant {
        what: "the lock is given back between the update and the line",
        file: "src/main.rs",
        from: "println!(\"{me} set number to {}\", mine.get());",
        to: "drop(mine);\n                all_at_once.wait();\n                println!(\"{me} set number to {}\", number.lock().get());",
    },
    Mutant {
        what: "the plain lock is a reentrant one",
        file: "src/main.rs",
        from: "let number = &Mutex::new(Cell::new(0));",
        to: "let number = &ReentrantMutex::new(Cell::new(0));",
    },
    Mutant {
        what: "the two threads run one after the other",
        file: "src/inside.rs",
        from: "s.spawn(|| owner(\"Thread-1\", lock, meet));",
        to: "s.spawn(|| owner(\"Thread-1\", lock, meet)).join().unwrap();",
    },
];
