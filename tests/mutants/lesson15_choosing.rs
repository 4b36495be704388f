//! What must not go unnoticed in lesson 15.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "threads are a plain loop",
        file: "src/ways.rs",
        from: "let start = |share| s.spawn(move || in_sequence(share, job));",
        to: "let start = |share| { let done = in_sequence(share, job); \
             s.spawn(move || done) };",
    },
    Mutant {
        what: "a child is waited for before the next one starts",
        file: "src/ways.rs",
        from: "children.push(child.spawn()?);\n    }\n    let mut done",
        to: "let mut it = child.spawn()?; \
             while it.try_wait()?.is_none() {} children.push(it);\n    }\n    \
             let mut done",
    },
    Mutant {
        what: "rayon has one thread",
        file: "src/ways.rs",
        from: "num_threads(workers)",
        to: "num_threads(workers.min(1))",
    },
    Mutant {
        what: "a task is waited for before the next one starts",
        file: "src/ways.rs",
        from: "let start = |share| executor.spawn(work(share));",
        to: "let start = |share| { \
             let done = async_io::block_on(work(share)); \
             executor.spawn(async { done }) };",
    },
    Mutant {
        what: "a task waits as a thread does",
        file: "src/io.rs",
        from: "let server = (Ipv4Addr::LOCALHOST, port);",
        to: "return ask(port); \
             #[allow(unreachable_code)] \
             let server = (Ipv4Addr::LOCALHOST, port);",
    },
    Mutant {
        what: "some jobs are dealt to nobody",
        file: "src/ways.rs",
        from: "(jobs - k).div_ceil(workers)",
        to: "(jobs - k) / workers",
    },
    Mutant {
        what: "the server counts nobody out",
        file: "src/server.rs",
        from: "waiting.set(waiting.get() - 1);",
        to: "",
    },
    Mutant {
        what: "the server outlives us",
        file: "src/server.rs",
        from: "line::to_parent();\n    let (seconds",
        to: "let (seconds",
    },
    Mutant {
        what: "a worker outlives us",
        file: "src/cpu.rs",
        from: "line::to_parent();",
        to: "shared::nap(15.0);",
    },
    Mutant {
        what: "threads do not stay until all are there",
        file: "src/create.rs",
        from: "drop(gate.lock().unwrap());",
        to: "let _ = gate;",
    },
    Mutant {
        what: "somebody keeps the token as it is",
        file: "src/switch.rs",
        from: "to.write_all(&[token[0].wrapping_add(1)])?;",
        to: "to.write_all(&token)?;",
    },
    Mutant {
        what: "tasks keep the turn to themselves",
        file: "src/switch.rs",
        from: "future::yield_now().await;",
        to: "",
    },
    Mutant {
        what: "ten thousand tasks come one after the other",
        file: "src/ten_thousand.rs",
        from: "started.push(executor.spawn(waiting.for_answer(client)));",
        to: "let done = waiting.for_answer(client).await?; \
             started.push(executor.spawn(async move { Ok::<_, io::Error>(done) }));",
    },
    Mutant {
        what: "waiting spins",
        file: "src/ten_thousand.rs",
        from: "Timer::after(at_pace(1.0)).await;",
        to: "while watch.seconds() < at_pace(1.0).as_secs_f64() { \
             future::yield_now().await; }",
    },
    Mutant {
        what: "the limit of open files is not raised",
        file: "src/limits.rs",
        from: "setrlimit(files, room, hard)?;",
        to: "return Ok(soft as usize);",
    },
];
