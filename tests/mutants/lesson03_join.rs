//! What must not go unnoticed in lesson 3.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "nobody waits for the daemon child",
        file: "src/main.rs",
        from: "child.wait()?;\n    println!(\"【END】\");",
        to: "println!(\"【END】\");\n    child.wait()?;",
    },
    Mutant {
        what: "a join with a limit waits without one",
        file: "src/timeout.rs",
        from: "child.wait_timeout(at_pace(limit))?",
        to: "{ let _ = child.wait_timeout(at_pace(0.0)); Some(child.wait()?) }",
    },
    Mutant {
        what: "a join with a limit spins",
        file: "src/timeout.rs",
        from: "let ended = child.wait_timeout(at_pace(limit))?;",
        to: "let end = std::time::Instant::now() + at_pace(limit);\n    \
             while std::time::Instant::now() < end\n        \
             && child.try_wait()?.is_none() {}\n    \
             let ended = child.wait_timeout(at_pace(0.0))?;",
    },
    Mutant {
        what: "the join of a thread has no limit",
        file: "src/timeout.rs",
        from: "ended.recv_timeout(at_pace(limit))",
        to: "ended.recv().map_err(|_| RecvTimeoutError::Disconnected)",
    },
    Mutant {
        what: "main waits for the threads before its End",
        file: "src/threads.rs",
        from: "println!(\"End Main threading\");\n    let _span = \
               timeline::waiting(\"has said its End, and waits\");\n    \
               HALF_WAY.wait();",
        to: "HALF_WAY.wait();\n    nap(3.0);\n    \
             println!(\"End Main threading\");",
    },
    Mutant {
        what: "the threads are cut off when main ends",
        file: "src/threads.rs",
        from: "thread.join().unwrap();",
        to: "drop(thread);",
    },
    Mutant {
        what: "the threads count one after the other",
        file: "src/threads.rs",
        from: "s.spawn(move || count(k, 0..5));",
        to: "s.spawn(move || count(k, 0..5)).join().unwrap();",
    },
    Mutant {
        what: "the End stands within the scope",
        file: "src/threads.rs",
        from: "    }); // Nobody gets past this before all three have ended.\n    println!(\"End Main threading\");",
        to: "        println!(\"End Main threading\");\n    });",
    },
    Mutant {
        what: "a child does not notice that its parent is gone",
        file: "src/line.rs",
        from: "process::exit(1);",
        to: "loop { let _ = process::id(); thread::park(); }",
    },
];
