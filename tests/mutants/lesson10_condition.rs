//! What must not go unnoticed in lesson 10.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "whoever is woken up goes on, whatever has changed",
        file: "src/turns.rs",
        from: "self.changed.wait_while(taken, |taken| *taken != mine).unwrap()",
        to: "if *taken != mine { self.changed.wait(taken).unwrap() } else { taken }",
    },
    Mutant {
        what: "one is woken up, whose turn it may not be",
        file: "src/turns.rs",
        from: "self.changed.notify_all();",
        to: "self.changed.notify_one();",
    },
    Mutant {
        what: "nobody is woken up",
        file: "src/turns.rs",
        from: "self.changed.notify_all();",
        to: "",
    },
    Mutant {
        what: "the next one comes in while one speaks",
        file: "src/turns.rs",
        from: "speak();",
        to: "drop(taken);\n        speak();",
    },
    Mutant {
        what: "a panic in a turn leaves the others asleep",
        file: "src/turns.rs",
        from: "self.changed.notify_all(); // They wake up, even if `speak` panics.\n        speak();",
        to: "speak();\n        self.changed.notify_all();",
    },
    Mutant {
        what: "whoever waits for its turn spins",
        file: "src/turns.rs",
        from: "let taken = self.taken.lock().unwrap();\n        let mut taken =\n            self.changed.wait_while(taken, |taken| *taken != mine).unwrap();",
        to: "let mut taken = self.taken.lock().unwrap();\n        while *taken != mine {\n            drop(taken);\n            std::hint::spin_loop();\n            taken = self.taken.lock().unwrap();\n        }",
    },
    Mutant {
        what: "the first notify waits for the buyer",
        file: "src/lost_wakeup.rs",
        from: "notify.notify_one(); // Nobody waits, and nothing is kept.\n            println!(\"{SENT}\");\n            done.send(()).unwrap();",
        to: "println!(\"{SENT}\");\n            done.send(()).unwrap();\n            nap(0.5);\n            notify.notify_one();",
    },
    Mutant {
        what: "the buyer waits without a limit",
        file: "src/lost_wakeup.rs",
        from: "let second = at_pace(1.0);",
        to: "let second = at_pace(1e6);",
    },
    Mutant {
        what: "the buyer waits and does not look first",
        file: "src/lost_wakeup.rs",
        from: "let _sent = notify.wait_while(guard, |sent| !*sent).unwrap();\n            println!(\"Buyer: the parcel was sent; I have waited {watch} s\");\n        });\n    });\n}\n// ANCHOR_END: with_predicate",
        to: "let _sent = notify.wait(guard).unwrap();\n            println!(\"Buyer: the parcel was sent; I have waited {watch} s\");\n        });\n    });\n}\n// ANCHOR_END: with_predicate",
    },
    Mutant {
        what: "the late seller is not late",
        file: "src/lost_wakeup.rs",
        from: "nap(1.0);",
        to: "",
    },
    Mutant {
        what: "all wake up for one parcel",
        file: "src/notify_all.rs",
        from: "Condvar::notify_one as",
        to: "Condvar::notify_all as",
    },
    Mutant {
        what: "only one wakes up where all should",
        file: "src/notify_all.rs",
        from: "Condvar::notify_all as",
        to: "Condvar::notify_one as",
    },
    Mutant {
        what: "the waiters spin",
        file: "src/notify_all.rs",
        from: "counter = OFFICE.arrived.wait(counter).unwrap();",
        to: "drop(counter);\n        thread::yield_now();\n        counter = OFFICE.counter.lock().unwrap();\n        if counter.parcels == 0 { continue }",
    },
    Mutant {
        what: "a waiter wakes up again and again",
        file: "src/notify_all.rs",
        from: "counter = OFFICE.arrived.wait(counter).unwrap();",
        to: "counter = OFFICE.arrived.wait_timeout(counter, shared::clock::at_pace(0.1)).unwrap().0;",
    },
    Mutant {
        what: "a waiter takes a parcel that is not there",
        file: "src/notify_all.rs",
        from: "while counter.parcels == 0 {",
        to: "if counter.parcels == 0 {",
    },
];
