//! Runs a lesson or its Python twin, and holds what it prints.
//!
//! A [`Program`] runs one part as a reader would, in a process group and a
//! temporary folder of its own, with a deadline. The [`Run`] that comes back
//! has what a terminal would show, and the assertions for it. A run that
//! leaves a process or a file behind fails by itself.
//!
//! Lines are described by templates: `{P}` stands for a word and is the same
//! word wherever it stands again, `{*}` for anything.

#[path = "harness/bench.rs"]
pub mod bench;
#[path = "harness/checks.rs"]
mod checks;
#[path = "harness/process.rs"]
mod process;
#[path = "harness/run.rs"]
mod run;
#[path = "harness/template.rs"]
mod template;

pub use checks::{PartCheck, hold_transcripts, hold_twin, shape};
pub use process::Program;
pub use run::Run;
pub use template::Found;

use std::path::{Path, PathBuf};

/// The lesson whose test this is: the binary that cargo has just built.
#[macro_export]
macro_rules! lesson {
    () => {
        $crate::Program::lesson(
            env!("CARGO_PKG_NAME"),
            env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))),
        )
    };
}

/// The Python twin of the lesson whose test this is.
#[macro_export]
macro_rules! twin {
    () => {
        $crate::Program::twin(env!("CARGO_PKG_NAME"))
    };
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the workspace").into()
}
