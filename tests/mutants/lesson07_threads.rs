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
    Mutant {
        what: "memory has no second thread",
        file: "examples/processes_and_threads.rs",
        from: "thread::scope(|s| drop(s.spawn(|| take(30))));",
        to: "take(30);",
    },
    Mutant {
        what: "memory has no second process",
        file: "examples/processes_and_threads.rs",
        from: "let status = shared::child(\"child\", [\"\"; 0])?.status()?;\n    assert!(status.success(), \"the child has done its work\");",
        to: "take(50);",
    },
    Mutant {
        what: "both cores are the same one",
        file: "examples/processes_and_threads.rs",
        from: "run_on([0, 1])",
        to: "run_on([0, 0])",
    },
    Mutant {
        what: "the asynchronous call waits for its result",
        file: "examples/processes_and_threads.rs",
        from: "let answer = thread::spawn(|| square(12));",
        to: "let answer = thread::spawn(|| square(12));\n    while !answer.is_finished() {}",
    },
    Mutant {
        what: "the lock is wanted, and not waited for",
        file: "examples/states/threads.rs",
        from: "drop(lock.lock().unwrap())",
        to: "drop(lock.try_lock())",
    },
    Mutant {
        what: "the child is not stopped",
        file: "examples/states/process.rs",
        from: "kill(pid, Signal::SIGSTOP)?;",
        to: "kill(pid, None)?;",
    },
];
