//! What must not go unnoticed in lesson 5.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "every exit code is 0",
        file: "src/nslookup.rs",
        from: "format!(\"Exit code: {code}\")",
        to: "format!(\"Exit code: {}\", code - code)",
    },
    Mutant {
        what: "the child is told only half",
        file: "src/nslookup.rs",
        from: "python.org\\nexit\\n",
        to: "exit\\n",
    },
    Mutant {
        what: "what it says on standard error is lost",
        file: "src/nslookup.rs",
        from: "said.stderr_str()",
        to: "said.stdout_str().replace(|_| true, \"\")",
    },
    Mutant {
        what: "a missing program is a failure like any other",
        file: "src/nslookup.rs",
        from: "io::ErrorKind::NotFound => Box::new(",
        to: "io::ErrorKind::OutOfMemory => Box::new(",
    },
    Mutant {
        what: "the wrong way reads as well",
        file: "src/communicate.rs",
        from: "    thread::scope(|s| {\n",
        to: "    let out = cat.stdout.take();\n    thread::scope(|s| {\n        s.spawn(|| io::copy(&mut out.unwrap(), &mut io::sink()));\n",
    },
    Mutant {
        what: "the time limit ends the child alone",
        file: "src/failures.rs",
        from: "job.send_signal_group(Signal::SIGKILL as i32)?",
        to: "{ let _ = Signal::SIGKILL; job.kill()? }",
    },
    Mutant {
        what: "the orphan is not collected",
        file: "src/failures.rs",
        from: "match waitpid(Pid::from_raw(orphan), None) {",
        to: "match waitpid(Pid::from_raw(i32::MAX), None) {",
    },
    Mutant {
        what: "a lesson that is killed leaves the grandchild behind",
        file: "src/failures.rs",
        from: "        println!(\"grandchild ({}): still here\", process::id());\n    }\n",
        to: "        println!(\"grandchild ({}): still here\", process::id());\n    }\n    nap(600.0);\n",
    },
    Mutant {
        what: "the time is up at once",
        file: "src/failures.rs",
        from: "at_pace(1.0)",
        to: "at_pace(0.0)",
    },
    Mutant {
        what: "only the last exit code is looked at",
        file: "src/pipeline.rs",
        from: "process.wait().map(code)",
        to: "process.wait().and(job.processes[2].wait()).map(code)",
    },
    Mutant {
        what: "the responder forgets the alias",
        file: "src/responder.rs",
        from: "name = other.clone();",
        to: "let _ = other;",
    },
    Mutant {
        what: "the responder knows every name",
        file: "src/responder.rs",
        from: "if !known {",
        to: "if false && !known {",
    },
];
