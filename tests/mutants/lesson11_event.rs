//! What must not go unnoticed in lesson 11.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "clear does nothing",
        file: "src/event.rs",
        from: "self.state.lock().unwrap().flag = false;",
        to: "drop(self.state.lock().unwrap());",
    },
    Mutant {
        what: "set wakes up one and not all",
        file: "src/event.rs",
        from: "self.was_set.notify_all();",
        to: "self.was_set.notify_one();",
    },
    Mutant {
        what: "set wakes up nobody",
        file: "src/event.rs",
        from: "self.was_set.notify_all();",
        to: "",
    },
    Mutant {
        what: "set notifies before the flag is set, outside the lock",
        file: "src/event.rs",
        from: "let mut state = self.state.lock().unwrap();\n        state.flag = true;\n        state.sets += 1;\n        drop(state); // Nobody shall wake up only to wait for the lock.\n        self.was_set.notify_all();",
        to: "self.was_set.notify_all();\n        let mut state = self.state.lock().unwrap();\n        state.flag = true;\n        state.sets += 1;",
    },
    Mutant {
        what: "wait looks once and not while",
        file: "src/event.rs",
        from: "let waits = nothing_since(state.sets);\n        drop(self.was_set.wait_while(state, waits).unwrap());",
        to: "if !state.flag { drop(self.was_set.wait(state).unwrap()); }",
    },
    Mutant {
        what: "wait with a limit looks once and not while",
        file: "src/event.rs",
        from: "let waits = nothing_since(state.sets);\n        let end = self.was_set.wait_timeout_while(state, limit, waits);\n        !end.unwrap().1.timed_out()",
        to: "state.flag || !self.was_set.wait_timeout(state, limit).unwrap().1.timed_out()",
    },
    Mutant {
        what: "a set that was cleared since is forgotten",
        file: "src/event.rs",
        from: "move |state| !state.flag && state.sets == sets",
        to: "move |state| !state.flag && state.sets >= sets",
    },
    Mutant {
        what: "the sets are not counted",
        file: "src/event.rs",
        from: "state.sets += 1;",
        to: "",
    },
    Mutant {
        what: "only a new set counts, and not the flag",
        file: "src/event.rs",
        from: "!state.flag && state.sets == sets",
        to: "state.sets == sets",
    },
    Mutant {
        what: "a wait with a limit always says true",
        file: "src/event.rs",
        from: "!end.unwrap().1.timed_out()",
        to: "end.unwrap().0.sets < u64::MAX",
    },
    Mutant {
        what: "the waiter spins",
        file: "src/event.rs",
        from: "let end = self.was_set.wait_timeout_while(state, limit, waits);\n        !end.unwrap().1.timed_out()",
        to: "drop(state); let began = std::time::Instant::now();\n        while began.elapsed() < limit { if !waits(&mut self.state.lock().unwrap()) { return true; } }\n        !waits(&mut self.state.lock().unwrap())",
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
        what: "the runners run one after the other",
        file: "src/main.rs",
        from: "half_way.wait(); // Not",
        to: "let _ = half_way; // Not",
    },
    Mutant {
        what: "the setter does not wait until the waiter gave up",
        file: "src/main.rs",
        from: "gave_up.wait(); // So",
        to: "// So",
    },
];
