//! What must not go unnoticed in lesson 1.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the parent does the child's work",
        file: "src/main.rs",
        from: "let mut child = shared",
        to: "run_child(&[\"test\".into()]);\n    let mut child = shared",
    },
    Mutant {
        what: "the end is printed before the wait",
        file: "src/main.rs",
        from: "let status = child.wait()?;\n    println!(\"Child process end.\");",
        to: "println!(\"Child process end.\");\n    let status = child.wait()?;",
    },
    Mutant {
        what: "the workers work one after the other",
        file: "src/workers.rs",
        from: "let (child, line) = line::start(\"worker\", args)?;",
        to: "let (mut child, mut line) = line::start(\"worker\", args)?;\n        \
             writeln!(line, \"alone\")?;\n        child.wait()?;",
    },
    Mutant {
        what: "nobody asks whether a child is active",
        file: "src/workers.rs",
        from: "child.try_wait()?.is_none()",
        to: "child.try_wait()?.is_some()",
    },
    Mutant {
        what: "the clock strikes once less",
        file: "src/main.rs",
        from: "0..5",
        to: "0..4",
    },
    Mutant {
        what: "the dance begins after the song",
        file: "src/sing_dance.rs",
        from: "let (mut dance,",
        to: "sing.wait()?;\n    let (mut dance,",
    },
    Mutant {
        what: "terminate kills",
        file: "src/exitcode.rs",
        from: "\"terminate\" => terminate(&mut member.child)",
        to: "\"terminate\" => { let _ = terminate; member.child.kill() }",
    },
    Mutant {
        what: "a signal is a positive exitcode",
        file: "src/exitcode.rs",
        from: "Some(-signal)",
        to: "Some(signal)",
    },
    Mutant {
        what: "one child takes the others with it",
        file: "src/exitcode.rs",
        from: "member.child.wait()?;",
        to: "member.child.wait()?;\n        \
             for other in &mut alive { other.child.kill()?; other.child.wait()?; }",
    },
    Mutant {
        what: "a child does not notice that its parent is gone",
        file: "src/line.rs",
        from: "process::exit(1);",
        to: "loop { let _ = process::id(); thread::park(); }",
    },
];
