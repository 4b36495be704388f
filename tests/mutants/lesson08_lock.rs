//! What must not go unnoticed in lesson 8.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the lock is taken for each step and not for all",
        file: "src/main.rs",
        from: "let mut balance = balance.lock().unwrap();\n    drop(waiting);",
        to: "let balance = &mut balance.lock().unwrap().clone();\n    drop(waiting);",
    },
    Mutant {
        what: "the loop writes back what it read without the lock",
        file: "src/main.rs",
        from: "let mut balance = balance.lock().unwrap();\n                    *balance += n;\n                    *balance -= n;",
        to: "let old = *balance.lock().unwrap(); thread::yield_now(); *balance.lock().unwrap() = old + n;",
    },
    Mutant {
        what: "nobody is made to take turns",
        file: "src/race.rs",
        from: "let turn = &Barrier::new(2);",
        to: "let turn = &Barrier::new(1);",
    },
    Mutant {
        what: "the fresh lock is shared by mistake",
        file: "src/main.rs",
        from: "both_inside.wait(); // With",
        to: "// With",
    },
    Mutant {
        what: "the waiter waits without a limit",
        file: "src/waiting.rs",
        from: "lock.try_lock_for(at_pace(1.0)).is_some()",
        to: "{ let _ = at_pace(1.0); drop(lock.lock()); true }",
    },
    Mutant {
        what: "nobody loses patience",
        file: "src/waiting.rs",
        from: "a, b, each_holds_one, 1.0)",
        to: "a, b, each_holds_one, FOR_EVER)",
    },
    Mutant {
        what: "the picture shows a wait that is over",
        file: "src/main.rs",
        from: "drop(waiting);\n    let _inside",
        to: "let _inside",
    },
];
