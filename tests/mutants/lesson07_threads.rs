//! What must not go unnoticed in lesson 7.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "class runs its threads one after the other",
        file: "src/main.rs",
        from: "builder.spawn_scoped(s, || thread.run()).unwrap();",
        to: "builder.spawn_scoped(s, || thread.run()).unwrap().join().unwrap();",
    },
    Mutant {
        what: "the two tasks run one after the other",
        file: "src/main.rs",
        from: "thread.spawn_scoped(s, run).unwrap()",
        to: "{ let t = thread.spawn_scoped(s, run).unwrap(); \
             while !t.is_finished() {} t }",
    },
    Mutant {
        what: "nobody is busy but one thread",
        file: "src/cores.rs",
        from: "(1..=threads).map",
        to: "(1..=threads.min(1)).map",
    },
    Mutant {
        what: "main waits before the loop thread has begun",
        file: "src/main.rs",
        from: "thread.unwrap().join().unwrap();\n    println!(\"thread {} ended.\", name());",
        to: "println!(\"thread {} ended.\", name()); thread.unwrap().join().unwrap();",
    },
];
