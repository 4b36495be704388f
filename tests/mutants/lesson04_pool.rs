//! What must not go unnoticed in lesson 4.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the pool runs its tasks in the parent",
        file: "src/parts.rs",
        from: "        pool.apply_async(&LONG_TIME_TASK, i)?;",
        to: "        long_time_task(i, process::id());",
    },
    Mutant {
        what: "the pool has one worker more",
        file: "src/pool/mod.rs",
        from: "let size = size.into().unwrap_or_else(usable_cores);",
        to: "let size = size.into().unwrap_or_else(usable_cores) + 1;",
    },
    Mutant {
        what: "an idle worker is passed over",
        file: "src/pool/queue.rs",
        from: "if slot.idle && !queue.is_empty() {",
        to: "if slot.idle && queue.len() > 1 {",
    },
    Mutant {
        what: "a worker keeps what it cannot begin",
        file: "src/pool/worker.rs",
        from: "if tasks.begun > begun || !tasks.busy {",
        to: "if tasks.begun >= begun || !tasks.busy {",
    },
    Mutant {
        what: "the task of a dead worker is lost",
        file: "src/pool/feeder.rs",
        from: "        self.shared.put_back(jobs);\n        Ok(())",
        to: "        self.shared.fail(jobs, &Error::Terminated);\n        Ok(())",
    },
    Mutant {
        what: "poison is tried once more",
        file: "src/pool/feeder.rs",
        from: "const DEATHS: u32 = 3;",
        to: "const DEATHS: u32 = 4;",
    },
    Mutant {
        what: "the callback runs twice",
        file: "src/pool/mod.rs",
        from: "                callback(result);",
        to: "                println!(\"Callback in process 0: 169\");\n                callback(result);",
    },
    Mutant {
        what: "a closed pool takes tasks",
        file: "src/pool/queue.rs",
        from: "        if state.phase != Phase::Running {",
        to: "        if false {",
    },
    Mutant {
        what: "map puts its chunks together as they come",
        file: "src/pool/result.rs",
        from: "Ok(results) => gather.chunks[at] = results,",
        to: "Ok(results) => { let _ = at; gather.chunks.push(results) }",
    },
    Mutant {
        what: "terminate waits for what is under way",
        file: "src/pool/queue.rs",
        from: "                let _ = worker.kill();\n            }\n        }",
        to: "                let _ = worker.id();\n            }\n        }",
    },
    Mutant {
        what: "a worker outlives its parent",
        file: "src/pool/worker.rs",
        from: "Err(_) => process::exit(0),",
        to: "Err(_) => loop { thread::park() },",
    },
];
