//! The changes: at most four a lesson, each about concurrency.

use crate::Mutant;

/// Every change, lesson by lesson.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the parent does not wait for its child",
        file: "lesson00_fork/src/fork.rs",
        from: "            waitpid(child, None)?;\n        }\n    }\n    Ok(())",
        to: "        }\n    }\n    Ok(())",
    },
    Mutant {
        what: "the orphan is not reaped",
        file: "lesson00_fork/src/orphan.rs",
        from: "match wait() {",
        to: "match Err::<nix::sys::wait::WaitStatus, _>(Errno::ECHILD) {",
    },
    Mutant {
        what: "the server has no bound",
        file: "lesson00_fork/src/server.rs",
        from: "if n > MAX_CHILDREN {",
        to: "if n > CONNECTIONS {",
    },
    Mutant {
        what: "the workers run one after the other",
        file: "lesson01_process/src/workers.rs",
        from: "let child = child.stdin(Stdio::piped()).spawn()?;",
        to: "let mut child = child.stdin(Stdio::piped()).spawn()?;\n        \
             writeln!(child.stdin.as_mut().unwrap(), \"alone\")?;\n        \
             while child.try_wait()?.is_none() {}",
    },
    Mutant {
        what: "one child ends the others",
        file: "lesson01_process/src/exitcode.rs",
        from: "        child.wait()?;\n",
        to: "        child.wait()?;\n        \
             for (_, other) in &mut children { other.kill()?; other.wait()?; }\n",
    },
    Mutant {
        what: "a child outlives its parent",
        file: "lesson01_process/src/workers.rs",
        from: "    exit_when_parent_dies();\n",
        to: "    if args.is_empty() { exit_when_parent_dies(); }\n",
    },
    Mutant {
        what: "a daemon child is waited for",
        file: "lesson02_daemon/src/daemon_child.rs",
        from: "let _ = self.0.kill();",
        to: "let _pipe = self.0.stdin.take();",
    },
    Mutant {
        what: "a child outlives its killed parent",
        file: "lesson02_daemon/src/foreground.rs",
        from: "    end_with_parent();\n",
        to: "    if args.is_empty() { end_with_parent(); }\n",
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
        from: "child.wait_timeout(at_pace(timeout))?",
        to: "{ let _ = child.wait_timeout(at_pace(0.0)); Some(child.wait()?) }",
    },
    Mutant {
        what: "a join with a timeout spins",
        file: "lesson03_join/src/timeout.rs",
        from: "let status = child.wait_timeout(at_pace(timeout))?;",
        to: "let end = std::time::Instant::now() + at_pace(timeout);\n    \
             while std::time::Instant::now() < end\n        \
             && child.try_wait()?.is_none() {}\n    \
             let status = child.wait_timeout(at_pace(0.0))?;",
    },
    Mutant {
        what: "the threads are cut off when main ends",
        file: "lesson03_join/src/no_join.rs",
        from: "thread.join().unwrap();",
        to: "drop(thread);",
    },
    Mutant {
        what: "the pool runs its tasks in the parent",
        file: "lesson04_pool/src/apply.rs",
        from: "        pool.apply_async(&LONG_TIME_TASK, i)?;",
        to: "        long_time_task(i);",
    },
    Mutant {
        what: "the task of a dead worker is lost",
        file: "lesson04_pool/src/bin/small_pool.rs",
        from: "            result = worker.call(job);\n        }",
        to: "            continue;\n        }",
    },
    Mutant {
        what: "the fifth task has a worker of its own",
        file: "lesson04_pool/src/apply.rs",
        from: "start_pool(4)?",
        to: "start_pool(5)?",
    },
    Mutant {
        what: "the deadlock is avoided by reading as well",
        file: "lesson05_subprocess/src/full_pipes.rs",
        from: "    thread::scope(|s| {\n",
        to: "    let out = cat.stdout.take();\n    thread::scope(|s| {\n        s.spawn(|| std::io::copy(&mut out.unwrap(), &mut std::io::sink()));\n",
    },
    Mutant {
        what: "the timeout ends the child alone",
        file: "lesson05_subprocess/src/timeout.rs",
        from: "job.send_signal_group(Signal::SIGKILL as i32)?",
        to: "{ let _ = Signal::SIGKILL; job.kill()? }",
    },
    Mutant {
        what: "the grandchild outlives the killed lesson",
        file: "lesson05_subprocess/src/grandchild.rs",
        from: "        println!(\"grandchild ({}): still here\", process::id());\n    }\n",
        to: "        println!(\"grandchild ({}): still here\", process::id());\n    }\n    shared::nap(600.0);\n",
    },
    Mutant {
        what: "the counter is not atomic",
        file: "lesson06_process_queue/src/counter.rs",
        from: "counter.fetch_add(1, SeqCst);",
        to: "let x = counter.load(SeqCst);\n        thread::yield_now();\n        counter.store(x + 1, SeqCst);",
    },
    Mutant {
        what: "the queue is unbounded",
        file: "lesson06_process_queue/src/queue.rs",
        from: "set_socket_send_buffer_size(&ends.0, LARGEST)?;",
        to: "set_socket_send_buffer_size(&ends.0, 16 * LARGEST)?;",
    },
    Mutant {
        what: "the parent keeps a sending end open",
        file: "lesson06_process_queue/src/queue_demo.rs",
        from: "    drop(to_queue);\n    let pid",
        to: "    std::mem::forget(to_queue);\n    let pid",
    },
    Mutant {
        what: "the threads of class run one after the other",
        file: "lesson07_threads/src/class.rs",
        from: "builder.spawn_scoped(s, || thread.run()).unwrap();",
        to: "builder.spawn_scoped(s, || thread.run()).unwrap().join().unwrap();",
    },
    Mutant {
        what: "the two tasks run one after the other",
        file: "lesson07_threads/src/result.rs",
        from: "builder.spawn_scoped(s, move || run(task)).unwrap()",
        to: "{ let t = builder.spawn_scoped(s, move || run(task)).unwrap(); \
             while !t.is_finished() {} t }",
    },
    Mutant {
        what: "the dancer waits for the singer",
        file: "lesson07_threads/src/sing_dance.rs",
        from: "singer.spawn_scoped(s, || sing(3)).unwrap();",
        to: "singer.spawn_scoped(s, || sing(3)).unwrap().join().unwrap();",
    },
    Mutant {
        what: "only one thread is busy",
        file: "lesson07_threads/src/cores.rs",
        from: "(1..=threads).map",
        to: "(1..=threads.min(1)).map",
    },
    Mutant {
        what: "the lock is taken for each step",
        file: "lesson08_lock/src/lock.rs",
        from: "let mut guard = balance.lock().unwrap();\n    drop(waiting);",
        to: "let guard = &mut balance.lock().unwrap().clone();\n    drop(waiting);",
    },
    Mutant {
        what: "the loop writes back without the lock",
        file: "lesson08_lock/src/lock.rs",
        from: "let mut guard = balance.lock().unwrap();\n                    *guard += n;\n                    *guard -= n;",
        to: "let old = *balance.lock().unwrap(); thread::yield_now(); *balance.lock().unwrap() = old + n;",
    },
    Mutant {
        what: "the race is not forced",
        file: "lesson08_lock/src/race.rs",
        from: "let turn = &Barrier::new(2);",
        to: "let turn = &Barrier::new(1);",
    },
    Mutant {
        what: "a step is not the one in the graph of schedules",
        file: "lesson08_lock/src/race_steps.rs",
        from: "    t1.step(|| balance.store(x1, Relaxed));\n    let x1",
        to: "    t1.step(|| balance.fetch_add(5, Relaxed));\n    let x1",
    },
    Mutant {
        what: "an inner release frees the lock",
        file: "lesson09_rlock/src/rlock.rs",
        from: "if counter == 0 {",
        to: "if counter < 2 {",
    },
    Mutant {
        what: "a release wakes no thread",
        file: "lesson09_rlock/src/rlock.rs",
        from: "self.released.notify_one();",
        to: "",
    },
    Mutant {
        what: "a waiting thread spins",
        file: "lesson09_rlock/src/rlock.rs",
        from: "guard = self.released.wait_timeout(guard, left).unwrap().0;",
        to: "drop((guard, left));\n            guard = self.waiting.lock().unwrap();",
    },
    Mutant {
        what: "one thread is woken whose turn it may not be",
        file: "lesson10_condition/src/turns.rs",
        from: "self.changed.notify_all();",
        to: "self.changed.notify_one();",
    },
    Mutant {
        what: "a waiting thread spins",
        file: "lesson10_condition/src/turns.rs",
        from: "let guard = self.taken.lock().unwrap();\n        let mut guard =\n            self.changed.wait_while(guard, |taken| *taken != mine).unwrap();",
        to: "let mut guard = self.taken.lock().unwrap();\n        while *guard != mine {\n            drop(guard);\n            std::hint::spin_loop();\n            guard = self.taken.lock().unwrap();\n        }",
    },
    Mutant {
        what: "a woken thread does not check again",
        file: "lesson10_condition/src/notify_all.rs",
        from: "while guard.parcels == 0 {",
        to: "if guard.parcels == 0 {",
    },
    Mutant {
        what: "set wakes one thread",
        file: "lesson11_event/src/event.rs",
        from: "self.condvar.notify_all();",
        to: "self.condvar.notify_one();",
    },
    Mutant {
        what: "a waiting thread spins",
        file: "lesson11_event/src/event.rs",
        from: "let result = self.condvar.wait_timeout_while(guard, timeout, not_set);\n        !result.unwrap().1.timed_out()",
        to: "drop(guard); let began = std::time::Instant::now();\n        while began.elapsed() < timeout { if !not_set(&mut self.state.lock().unwrap()) { return true; } }\n        !not_set(&mut self.state.lock().unwrap())",
    },
    Mutant {
        what: "a runner does not wait for the event",
        file: "lesson11_event/src/starting_gun.rs",
        from: "gun.wait();\n    drop(waiting);",
        to: "drop(waiting);",
    },
    Mutant {
        what: "both threads share one value",
        file: "lesson12_thread_local/src/main.rs",
        from: "thread_local! {\n    static STUDENT: RefCell<String> = const { RefCell::new(String::new()) };\n}",
        to: "static STUDENT: Shared = Shared(std::sync::Mutex::new(RefCell::new(String::new())));\nstruct Shared(std::sync::Mutex<RefCell<String>>);\nimpl Shared {\n    fn set(&self, s: String) { self.0.lock().unwrap().replace(s); }\n    fn with_borrow(&self, f: impl FnOnce(&String)) { f(&self.0.lock().unwrap().borrow()); }\n}",
    },
    Mutant {
        what: "the guard restores nothing",
        file: "lesson12_thread_local/src/pool_reuse.rs",
        from: "        USER.set(None);\n",
        to: "",
    },
    Mutant {
        what: "main does not wait for the destructors",
        file: "lesson12_thread_local/src/destructors.rs",
        from: "thread.join().unwrap(); // Waits",
        to: "while !thread.is_finished() { thread::yield_now(); } // Waits",
    },
    Mutant {
        what: "the queue is unbounded",
        file: "lesson13_producer_consumer/src/back_pressure.rs",
        from: "let (to_queue, from_queue) = channel::bounded(2);\n    let (tx_empty",
        to: "let (to_queue, from_queue) = unbounded();\n    let (tx_empty",
    },
    Mutant {
        what: "the consumer spins at the empty queue",
        file: "lesson13_producer_consumer/src/back_pressure.rs",
        from: "let mut next = queue.recv();",
        to: "while queue.try_recv() == Err(channel::TryRecvError::Empty) {}\n    \
             let mut next = Ok(1);",
    },
    Mutant {
        what: "the consumers run one after the other",
        file: "lesson13_producer_consumer/src/many.rs",
        from: "let consumers = SHARES.map(|_| {\n            \
               let queue = from_queue.clone();\n            \
               s.spawn(move || consume(&queue, start))\n        });",
        to: "let consumers = SHARES.map(|_| {\n            \
             let items = consume(&from_queue, start);\n            \
             s.spawn(move || items)\n        });",
    },
    Mutant {
        what: "the workers run one after another",
        file: "lesson14_distributed/src/demo.rs",
        from: "            .spawn()?;\n        workers.push(child);",
        to: "            .spawn()\n            .and_then(|mut child| child.wait().map(|_| child))?;\n        workers.push(child);",
    },
    Mutant {
        what: "the workers are not told to exit",
        file: "lesson14_distributed/src/demo.rs",
        from: "    master.close()?; // The workers exit.\n",
        to: "",
    },
    Mutant {
        what: "a worker that may wait for its master gives up",
        file: "lesson14_distributed/src/worker.rs",
        from: "if options.has(\"retry\") {",
        to: "if false {",
    },
    Mutant {
        what: "threads are a plain loop",
        file: "lesson15_choosing/src/strategies.rs",
        from: "let start = |share| s.spawn(move || in_sequence(share, job));",
        to: "let start = |share| { let done = in_sequence(share, job); \
             s.spawn(move || done) };",
    },
    Mutant {
        what: "each task is awaited before the next one starts",
        file: "lesson15_choosing/src/strategies.rs",
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
