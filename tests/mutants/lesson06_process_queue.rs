//! What must not go unnoticed in lesson 6.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the queue drops an item",
        file: "src/queue.rs",
        from: "let sent = self.0.write_vectored(&packet)?;",
        to: "if item.starts_with(b\"Writer-2's item 3\") { return Ok(()); }\n        let sent = self.0.write_vectored(&packet)?;",
    },
    Mutant {
        what: "the queue delivers an item twice",
        file: "src/queue.rs",
        from: "let sent = self.0.write_vectored(&packet)?;",
        to: "if item == b\"B\" { self.0.write_vectored(&packet)?; }\n        let sent = self.0.write_vectored(&packet)?;",
    },
    Mutant {
        what: "an empty item looks like the end",
        file: "src/queue.rs",
        from: "packet[..size].split_first().map(|(_, item)| item)",
        to: "packet[..size].split_first().map(|(_, item)| item).filter(|item| !item.is_empty())",
    },
    Mutant {
        what: "an item that is too large is cut",
        file: "src/queue.rs",
        from: "let why = format!(\"an item has {LARGEST} bytes at the most\");",
        to: "if true { return self.put(&item[..LARGEST]); }\n            let why = format!(\"an item has {LARGEST} bytes at the most\");",
    },
    Mutant {
        what: "the queue has room for everything",
        file: "src/queue.rs",
        from: "set_socket_send_buffer_size(&ends.0, LARGEST)?;",
        to: "set_socket_send_buffer_size(&ends.0, 16 * LARGEST)?;",
    },
    Mutant {
        what: "the reader is terminated before it has the last item",
        file: "src/items.rs",
        from: "if line == \"Get C from queue.\" {",
        to: "if line == \"Get B from queue.\" {",
    },
    Mutant {
        what: "the parent keeps the queue open, and the reader waits for ever",
        file: "src/items.rs",
        from: "    drop(to_queue);\n    let pid",
        to: "    std::mem::forget(to_queue);\n    let pid",
    },
    Mutant {
        what: "one reader takes it all",
        file: "src/many.rs",
        from: "WRITERS.len() * EACH / READERS.len() {",
        to: "if me == READERS[0] { WRITERS.len() * EACH } else { 0 } {",
    },
    Mutant {
        what: "children do not notice that the parent has ended",
        file: "src/items.rs",
        from: "rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;",
        to: "rustix::process::set_parent_process_death_signal(None)?;",
    },
    Mutant {
        what: "the pipe is not quite full",
        file: "src/pipes.rs",
        from: "Ok(written) => room += written,",
        to: "Ok(_) if room == 4096 => break io::ErrorKind::WouldBlock.into(),\n            Ok(written) => room += written,",
    },
    Mutant {
        what: "somebody still has the reading end",
        file: "src/pipes.rs",
        from: "join(child(\"leave\", [\"\"; 0])?.stdin(hears).spawn()?)?;",
        to: "let _kept = hears.try_clone()?;\n    join(child(\"leave\", [\"\"; 0])?.stdin(hears).spawn()?)?;",
    },
    Mutant {
        what: "the counter is not atomic",
        file: "src/counter.rs",
        from: "counter.fetch_add(1, SeqCst);",
        to: "let x = counter.load(SeqCst);\n        thread::yield_now();\n        counter.store(x + 1, SeqCst);",
    },
    Mutant {
        what: "nobody waits at the barrier",
        file: "src/counter.rs",
        from: "while arrived.load(SeqCst) < all {",
        to: "while arrived.load(SeqCst) < all.min(1) {",
    },
    Mutant {
        what: "each process has a counter of its own",
        file: "src/counter.rs",
        from: "child(role)?.arg(name).stdin(file.try_clone()?).spawn()",
        to: "let mine = tempfile::tempfile()?; mine.set_len(16)?; let _ = &file;\n        child(role)?.arg(name).stdin(mine).spawn()",
    },
];
