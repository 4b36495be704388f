//! What must not go unnoticed in lesson 0.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the zombie is reaped at once",
        file: "src/endings.rs",
        from: "child_ended.wait()?;",
        to: "child_ended.wait()?; waitpid(child, None)?;",
    },
    Mutant {
        what: "the parent does not wait for its child",
        file: "src/copies.rs",
        from: "            waitpid(child, None)?;\n        }\n    }\n    Ok(())",
        to: "        }\n    }\n    Ok(())",
    },
    Mutant {
        what: "the parent shares what the child changed",
        file: "src/copies.rs",
        from: "waitpid(child, None)?;\n            tell",
        to: "waitpid(child, None)?;\n            balance -= 30;\n            tell",
    },
    Mutant {
        what: "the orphan is not collected",
        file: "src/endings.rs",
        from: "match wait() {",
        to: "match Err::<WaitStatus, _>(Errno::ECHILD) {",
    },
    Mutant {
        what: "fork does not count the threads",
        file: "src/system.rs",
        from: "!= Some(true)",
        to: "== None",
    },
];
