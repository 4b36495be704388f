//! What must not go unnoticed in lesson 11.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "clear does nothing",
        file: "src/event.rs",
        from: "*changes = changes.next_multiple_of(2); // Even, if it is not already.",
        to: "*changes += 0;",
    },
    Mutant {
        what: "set wakes up one and not all",
        file: "src/event.rs",
        from: "self.bell.notify_all();",
        to: "self.bell.notify_one();",
    },
    Mutant {
        what: "set rings the bell first, and then sets the flag",
        file: "src/event.rs",
        from: "*self.changes.lock().unwrap() |= 1; // Odd, if it is not already.\n        self.bell.notify_all();",
        to: "self.bell.notify_all();\n        *self.changes.lock().unwrap() |= 1;",
    },
    Mutant {
        what: "wait looks once: if for while",
        file: "src/event.rs",
        from: "let waits = false_since(*changes);\n        drop(self.bell.wait_while(changes, waits).unwrap());",
        to: "if changes.is_multiple_of(2) { drop(self.bell.wait(changes).unwrap()); }",
    },
    Mutant {
        what: "wait with a limit looks once: if for while",
        file: "src/event.rs",
        from: "let waits = false_since(*changes);\n        let end = self.bell.wait_timeout_while(changes, limit, waits);\n        !end.unwrap().1.timed_out()",
        to: "!false_since(*changes)(&mut changes.clone()) || !self.bell.wait_timeout(changes, limit).unwrap().1.timed_out()",
    },
    Mutant {
        what: "a waiter looks at the flag alone",
        file: "src/event.rs",
        from: "*changes == before && before.is_multiple_of(2)",
        to: "before < u64::MAX && changes.is_multiple_of(2)",
    },
    Mutant {
        what: "a flag that is true already counts for nothing",
        file: "src/event.rs",
        from: "*changes == before && before.is_multiple_of(2)",
        to: "*changes == before",
    },
    Mutant {
        what: "a second set makes the flag false",
        file: "src/event.rs",
        from: "|= 1; // Odd, if it is not already.",
        to: "+= 1;",
    },
    Mutant {
        what: "clear makes a new number of an even one",
        file: "src/event.rs",
        from: "changes.next_multiple_of(2); // Even",
        to: "(*changes + 1).next_multiple_of(2); // Even",
    },
    Mutant {
        what: "a wait with a limit always says true",
        file: "src/event.rs",
        from: "!end.unwrap().1.timed_out()",
        to: "end.is_ok()",
    },
    Mutant {
        what: "the waiter spins",
        file: "src/event.rs",
        from: "let end = self.bell.wait_timeout_while(changes, limit, waits);\n        !end.unwrap().1.timed_out()",
        to: "drop(changes); let began = std::time::Instant::now();\n        while began.elapsed() < limit { if !waits(&mut self.changes.lock().unwrap()) { return true; } }\n        !waits(&mut self.changes.lock().unwrap())",
    },
    Mutant {
        what: "nobody clears for the next pair",
        file: "src/toggle.rs",
        from: "event.clear(); // Before",
        to: "// Before",
    },
    Mutant {
        what: "the even thread does not wait",
        file: "src/toggle.rs",
        from: "event.wait();\n",
        to: "",
    },
    Mutant {
        what: "the last one waits for a partner that it has not",
        file: "src/toggle.rs",
        from: "event.set(); // The last",
        to: "// The last",
    },
    Mutant {
        what: "the even one has no thread of its own",
        file: "src/toggle.rs",
        from: "            named(even).spawn_scoped(s, || wait_and_speak(event)).unwrap();\n            if odd < threads {\n                named(odd).spawn_scoped(s, || speak_and_set(event)).unwrap();\n            } else {\n                event.set(); // The last one has no partner.\n            }\n",
        to: "            if odd < threads {\n                named(odd).spawn_scoped(s, || speak_and_set(event)).unwrap();\n            } else {\n                event.set(); // The last one has no partner.\n            }\n            wait_and_speak(event);\n",
    },
    Mutant {
        what: "the two do not meet between look and clear",
        file: "src/toggle.rs",
        from: "both_have_looked.wait();",
        to: "{ let _ = both_have_looked; }",
    },
    Mutant {
        what: "a runner does not wait for the shot",
        file: "src/main.rs",
        from: "gun.wait();\n    drop(waiting);",
        to: "drop(waiting);",
    },
    Mutant {
        what: "the shot is over at once",
        file: "src/main.rs",
        from: "gun.set();",
        to: "gun.set(); gun.clear();",
    },
    Mutant {
        what: "the setter does not wait until the waiter gave up",
        file: "src/main.rs",
        from: "gave_up.wait(); // So",
        to: "// So",
    },
];
