//! What must not go unnoticed in lesson 13.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the producer does not hang up",
        file: "src/main.rs",
        from: "s.spawn(move || write(to_queue));\n        from_queue.iter()",
        to: "s.spawn(|| write(to_queue.clone()));\n        from_queue.iter()",
    },
    Mutant {
        what: "the writer hangs up where somebody could still put",
        file: "src/main.rs",
        from: "s.spawn(|| write(to_queue.clone()));",
        to: "let end = to_queue.clone(); s.spawn(move || write(end.clone()));\n        \
             return println!(\"The reader would wait for more, for ever\");",
    },
    Mutant {
        what: "there is room for everything where nobody takes",
        file: "src/bounded.rs",
        from: "let (to_queue, from_queue) = channel::bounded(2);\n    for i in",
        to: "let (to_queue, from_queue) = unbounded();\n    for i in",
    },
    Mutant {
        what: "there is room for everything where a slow one takes",
        file: "src/bounded.rs",
        from: "let (to_queue, from_queue) = channel::bounded(2);\n    let (says_empty",
        to: "let (to_queue, from_queue) = unbounded();\n    let (says_empty",
    },
    Mutant {
        what: "there is room for three",
        file: "src/bounded.rs",
        from: "let (to_queue, from_queue) = channel::bounded(2);\n    let (says_empty",
        to: "let (to_queue, from_queue) = channel::bounded(3);\n    let (says_empty",
    },
    Mutant {
        what: "a put with a limit does not wait",
        file: "src/bounded.rs",
        from: "queue.send_timeout(i, at_pace(1.0))",
        to: "queue.send_timeout(i, at_pace(0.0))",
    },
    Mutant {
        what: "a get with a limit does not wait",
        file: "src/bounded.rs",
        from: "queue.recv_timeout(at_pace(1.0))",
        to: "queue.recv_timeout(at_pace(0.0))",
    },
    Mutant {
        what: "the producer spins at the full queue",
        file: "src/bounded.rs",
        from: "queue.send(i).expect(\"the consumer takes all of them\");",
        to: "while queue.try_send(i).is_err() {}",
    },
    Mutant {
        what: "the consumer spins at the empty queue",
        file: "src/bounded.rs",
        from: "let mut next = queue.recv();",
        to: "while queue.try_recv() == Err(channel::TryRecvError::Empty) {}\n    \
             let mut next = Ok(1);",
    },
    Mutant {
        what: "nobody comes between the question and the taking",
        file: "src/unreliable.rs",
        from: "both_have_asked.wait();",
        to: "let _ = both_have_asked;",
    },
    Mutant {
        what: "to take asks for permission as well",
        file: "src/unreliable.rs",
        from: "    rounds(forgiveness);",
        to: "    let _: Consumer = forgiveness;\n    rounds(permission);",
    },
    Mutant {
        what: "an item is taken twice",
        file: "src/many.rs",
        from: "start.wait();\n    queue.iter().collect()",
        to: "start.wait();\n    queue.iter().flat_map(|i| vec![i; 1 + usize::from(i == 777)]).collect()",
    },
    Mutant {
        what: "an item is dropped",
        file: "src/many.rs",
        from: "start.wait();\n    queue.iter().collect()",
        to: "start.wait();\n    queue.iter().filter(|i| *i != 777).collect()",
    },
    Mutant {
        what: "an item is dropped by the queue of the standard library",
        file: "src/many.rs",
        from: "from_queue.iter().collect()\n    });\n    let (n, sum)",
        to: "from_queue.iter().skip(1).collect()\n    });\n    let (n, sum)",
    },
    Mutant {
        what: "main keeps an end to put with",
        file: "src/many.rs",
        from: "drop(to_queue); // Now only",
        to: "let _kept = &to_queue; // Now only",
    },
    Mutant {
        what: "one consumer after the other",
        file: "src/many.rs",
        from: "let consumers = SHARES.map(|_| {\n            \
               let queue = from_queue.clone();\n            \
               s.spawn(move || consume(&queue, start))\n        });",
        to: "let consumers = SHARES.map(|_| {\n            \
             let items = consume(&from_queue, start);\n            \
             s.spawn(move || items)\n        });",
    },
    Mutant {
        what: "a task is done before it is done",
        file: "src/tasks.rs",
        from: "        nap(1.0);\n",
        to: "        drop(done);\n        nap(1.0);\n        let done = ();\n",
    },
    Mutant {
        what: "nobody joins the queue",
        file: "src/tasks.rs",
        from: "all.wait();",
        to: "drop(all);",
    },
    Mutant {
        what: "who listens to two queues listens to one of them first",
        file: "src/tasks.rs",
        from: "select! {\n                \
               recv(letters) -> item => (&mut letters, item),\n                \
               recv(parcels) -> item => (&mut parcels, item),\n            };",
        to: "match letters.recv() {\n                \
             Err(_) => { let item = parcels.recv(); (&mut parcels, item) }\n                \
             item => (&mut letters, item),\n            };\n            \
             let _: crossbeam::channel::Receiver<()> = never();",
    },
    Mutant {
        what: "the letters wait for the last parcel",
        file: "src/tasks.rs",
        from: "first.recv().expect(\"there are parcels\");",
        to: "first.iter().take(3).for_each(drop);",
    },
];
