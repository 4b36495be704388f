//! The changes: at most three a lesson, each about concurrency.

use crate::Mutant;

/// Every change, lesson by lesson.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the parent does not wait for its child",
        file: "lesson00_fork/src/copies.rs",
        from: "            waitpid(child, None)?;\n        }\n    }\n    Ok(())",
        to: "        }\n    }\n    Ok(())",
    },
    Mutant {
        what: "the zombie is reaped at once",
        file: "lesson00_fork/src/endings.rs",
        from: "child_ended.wait()?;",
        to: "child_ended.wait()?; waitpid(child, None)?;",
    },
    Mutant {
        what: "the orphan is not reaped",
        file: "lesson00_fork/src/endings.rs",
        from: "match wait() {",
        to: "match Err::<WaitStatus, _>(Errno::ECHILD) {",
    },
    Mutant {
        what: "the workers run one after the other",
        file: "lesson01_process/src/workers.rs",
        from: "let (child, line) = line::start(\"worker\", args)?;",
        to: "let (mut child, mut line) = line::start(\"worker\", args)?;\n        \
             writeln!(line, \"alone\")?;\n        child.wait()?;",
    },
    Mutant {
        what: "one child ends the others",
        file: "lesson01_process/src/exitcode.rs",
        from: "member.child.wait()?;",
        to: "member.child.wait()?;\n        \
             for other in &mut alive { other.child.kill()?; other.child.wait()?; }",
    },
    Mutant {
        what: "a child outlives its parent",
        file: "lesson01_process/src/line.rs",
        from: "process::exit(1);",
        to: "loop { let _ = process::id(); thread::park(); }",
    },
    Mutant {
        what: "a daemon child is waited for",
        file: "lesson02_daemon/src/daemon.rs",
        from: "let _ = self.0.kill();",
        to: "let _pipe = self.0.stdin.take();",
    },
    Mutant {
        what: "a child outlives its killed parent",
        file: "lesson02_daemon/src/main.rs",
        from: "    daemon::end_with_parent();\n",
        to: "    if args.is_empty() { daemon::end_with_parent(); }\n",
    },
    Mutant {
        what: "the daemon outlives the killed lesson",
        file: "lesson02_daemon/src/unix_daemon.rs",
        from: "if let Some(leash) = leash {",
        to: "if let Some(leash) = None {",
    },
    Mutant {
        what: "a join with a timeout has none",
        file: "lesson03_join/src/timeout.rs",
        from: "child.wait_timeout(at_pace(limit))?",
        to: "{ let _ = child.wait_timeout(at_pace(0.0)); Some(child.wait()?) }",
    },
    Mutant {
        what: "a join with a timeout spins",
        file: "lesson03_join/src/timeout.rs",
        from: "let ended = child.wait_timeout(at_pace(limit))?;",
        to: "let end = std::time::Instant::now() + at_pace(limit);\n    \
             while std::time::Instant::now() < end\n        \
             && child.try_wait()?.is_none() {}\n    \
             let ended = child.wait_timeout(at_pace(0.0))?;",
    },
    Mutant {
        what: "the threads are cut off when main ends",
        file: "lesson03_join/src/threads.rs",
        from: "thread.join().unwrap();",
        to: "drop(thread);",
    },
    Mutant {
        what: "the pool runs its tasks in the parent",
        file: "lesson04_pool/src/parts.rs",
        from: "        pool.apply_async(&LONG_TIME_TASK, i)?;",
        to: "        long_time_task(i, process::id());",
    },
    Mutant {
        what: "the workers run one after another",
        file: "lesson14_distributed/src/demo.rs",
        from: "            .spawn()?;\n        workers.0.push(child);",
        to: "            .spawn()\n            .and_then(|mut child| child.wait().map(|_| child))?;\n        workers.0.push(child);",
    },
    Mutant {
        what: "the workers are not told that they may leave",
        file: "lesson14_distributed/src/demo.rs",
        from: "    master.close()?; // The workers hear that they may leave.\n",
        to: "",
    },
    Mutant {
        what: "a worker that may wait for its master gives up",
        file: "lesson14_distributed/src/worker.rs",
        from: "if options.retry {",
        to: "if false {",
    },
    Mutant {
        what: "threads are a plain loop",
        file: "lesson15_choosing/src/ways.rs",
        from: "let start = |share| s.spawn(move || in_sequence(share, job));",
        to: "let start = |share| { let done = in_sequence(share, job); \
             s.spawn(move || done) };",
    },
    Mutant {
        what: "each task is awaited before the next one starts",
        file: "lesson15_choosing/src/ways.rs",
        from: "let start = |share| executor.spawn(work(share));",
        to: "let start = |share| { \
             let done = async_io::block_on(work(share)); \
             executor.spawn(async { done }) };",
    },
    Mutant {
        what: "a waiting task spins",
        file: "lesson15_choosing/src/ten_thousand.rs",
        from: "Timer::after(at_pace(1.0)).await;",
        to: "while watch.seconds() < at_pace(1.0).as_secs_f64() { \
             future::yield_now().await; }",
    },
];
