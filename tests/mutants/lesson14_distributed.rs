//! What must not go unnoticed in lesson 14.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "a task of a worker that hangs up does not come back",
        file: "src/farm/served.rs",
        from: "            self.give_back(&loans);",
        to: "            let _ = loans;",
    },
    Mutant {
        what: "a loan never ends",
        file: "src/farm/local.rs",
        from: "            state.end_loans(now);\n            if state.stopped",
        to: "            if state.stopped",
    },
    Mutant {
        what: "every result counts",
        file: "src/farm/local.rs",
        from: "            None | Some(Place::Done) => {\n                self.status.dropped += 1;\n                return false;\n            }",
        to: "            None => return false,\n            Some(Place::Done) => self.status.dropped += 1,",
    },
    Mutant {
        what: "a result is that of the oldest loan",
        file: "src/farm/served.rs",
        from: "let fits = |loan: &Loan| (self.belongs)(&loan.task.body, result);",
        to: "let fits = |loan: &Loan| {\n            let _ = (self.belongs)(&loan.task.body, result);\n            true\n        };",
    },
    Mutant {
        what: "a task may be put twice",
        file: "src/farm/local.rs",
        from: "if self.tasks.contains_key(&id) {",
        to: "if id == u64::MAX {",
    },
    Mutant {
        what: "every answer is right",
        file: "src/managers/auth.rs",
        from: "if verify(key, &message, &answer) {",
        to: "if verify(key, &message, &answer) || !answer.is_empty() {",
    },
    Mutant {
        what: "the server need not know the key",
        file: "src/managers/auth.rs",
        from: "    in_time(answer_challenge(stream, key))?;\n    in_time(deliver_challenge(stream, key))",
        to: "    in_time(answer_challenge(stream, key))?;\n    let message = [CHALLENGE, DIGEST, &[7; RANDOM]].concat();\n    write_frame(stream, &message)?;\n    hear(stream)?;\n    Ok(write_frame(stream, WELCOME)?)",
    },
    Mutant {
        what: "a silent peer is waited for",
        file: "src/managers/wire.rs",
        from: "self.0.get_mut().deadline = Some(deadline);",
        to: "self.0.get_mut().deadline = Some(deadline).filter(|_| false);",
    },
    Mutant {
        what: "strangers come in without end",
        file: "src/managers/server.rs",
        from: "if connections.strangers == MAX_STRANGERS {",
        to: "if connections.strangers == MAX_STRANGERS * 99 {",
    },
    Mutant {
        what: "an item is lost with whoever asked for it",
        file: "src/managers/queue.rs",
        from: "        if matches!(method, \"get\" | \"get_nowait\") {",
        to: "        if method.is_empty() {",
    },
    Mutant {
        what: "every class is known",
        file: "src/managers/pickle/read.rs",
        from: "        _ => false,\n    }\n}\n\n/// The number of a node.",
        to: "        _ => true,\n    }\n}\n\n/// The number of a node.",
    },
    Mutant {
        what: "repetitions are not counted",
        file: "src/managers/pickle/read.rs",
        from: "self.bytes = self.bytes.checked_sub(bytes).ok_or(LONG)?;",
        to: "self.bytes -= bytes.min(0);",
    },
    Mutant {
        what: "a pickle may take what it likes while it is read",
        file: "src/managers/pickle/read.rs",
        from: "        self.budget.spend(match &node {",
        to: "        Budget::default().spend(match &node {",
    },
    Mutant {
        what: "a pickle may repeat what it likes",
        file: "src/managers/pickle/read.rs",
        from: "        self.budget.spend(0)?;",
        to: "        Budget::default().spend(0)?;",
    },
    Mutant {
        what: "memory is reserved as it is announced",
        file: "src/managers/wire.rs",
        from: "Vec::with_capacity(length.min(FIRST) as usize);",
        to: "Vec::with_capacity(length as usize);",
    },
    Mutant {
        what: "a stranger may send long frames",
        file: "src/managers/auth.rs",
        from: "read_frame(stream, MAX_GREETING)?",
        to: "read_frame(stream, MAX_GREETING << 16)?",
    },
    Mutant {
        what: "a frame may have any length",
        file: "src/managers/wire.rs",
        from: "if length > max as u64 {",
        to: "if length > u64::MAX - max as u64 {",
    },
    Mutant {
        what: "the master does not wait until its workers have left",
        file: "src/managers/server.rs",
        from: "        self.inner.wait_for_all(patience);\n    }",
        to: "        self.inner.wait_for_all(patience.min(Duration::ZERO));\n    }",
    },
    Mutant {
        what: "Ctrl-C tells nobody",
        file: "src/farm/local.rs",
        from: "            if state.stopped {\n                return Err(Error::Stopped);\n            }\n            let lent",
        to: "            let lent",
    },
    Mutant {
        what: "no key is needed for other machines",
        file: "src/options.rs",
        from: "if key.is_empty() && resolve(&listen)?.iter().any(is_wider) {",
        to: "if key.is_empty() && resolve(&listen)?.iter().all(is_wider) && lease.is_zero() {",
    },
    Mutant {
        what: "the workers work one after another",
        file: "src/demo.rs",
        from: "            .stdin(Stdio::null())\n            .spawn()",
        to: "            .stdin(Stdio::null())\n            .spawn()\n            .and_then(|mut child| child.wait().map(|_| child))",
    },
    Mutant {
        what: "a result that comes twice takes another task's place",
        file: "src/farm/served.rs",
        from: "(!twice).then(|| own.remove(0))",
        to: "(!twice || !own.is_empty()).then(|| own.remove(0))",
    },
    Mutant {
        what: "a worker that has died is waited for",
        file: "src/farm/local.rs",
        from: "            if !there() {",
        to: "            if max == 0 && !there() {",
    },
    Mutant {
        what: "the master's lease is forgotten",
        file: "src/master.rs",
        from: "Local::new(Some(options.lease))",
        to: "Local::new(Some(options.lease).filter(|lease| lease.is_zero()))",
    },
    Mutant {
        what: "a worker that may retry gives up",
        file: "src/worker.rs",
        from: "if !options.retry {",
        to: "if !options.retry || !told.is_empty() {",
    },
    Mutant {
        what: "a worker is content when its master has gone",
        file: "src/worker.rs",
        from: "            return Err(why.into());\n        }\n        if why",
        to: "            break;\n        }\n        if why",
    },
    Mutant {
        what: "a worker finds itself where no master listens",
        file: "src/managers/client.rs",
        from: "Ok(stream) if is_ourselves(&stream) => {",
        to: "Ok(stream) if left.is_zero() && is_ourselves(&stream) => {",
    },
];
