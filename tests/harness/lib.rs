//! Runs a lesson or its Python twin, and checks what it prints.
//!
//! A [`Program`] runs one part as a reader would, in a process group and a
//! temporary folder of its own, with a deadline. The [`Run`] that comes back
//! has what a terminal would show, and the assertions for it. A run that
//! leaves a process or a file behind fails by itself.
//!
//! Lines are described by templates: `{P}` matches a word, the same one
//! at each `{P}`; `{*}` matches anything.
//!
//! Outside Unix, only the tools of benchmarks are there.

#[cfg(unix)]
mod background;
pub mod bench;
#[cfg(unix)]
mod checks;
#[cfg(unix)]
mod pictures;
#[cfg(unix)]
mod process;
mod python;
mod run;
#[cfg(unix)]
mod schedules;
mod template;
mod workspace;

#[cfg(unix)]
pub use background::Background;
#[cfg(unix)]
pub use checks::{
    PartCheck, assert_spread, assert_transcripts, assert_transcripts_in,
    assert_twin, number, shape,
};
#[cfg(unix)]
pub use pictures::{assert_picture, assert_pictures, differences, picture};
#[cfg(unix)]
pub use process::{Program, deadline, kill_marked};
pub use python::pythons;
pub use run::Run;
#[cfg(unix)]
pub use schedules::{assert_schedules, assert_schedules_in};
pub use template::Found;
pub use workspace::root;

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

/// The tests that every lesson has: `--list` names its parts in their order,
/// its twin and the transcripts of both pass its checks; its pictures show
/// what a run of today shows.
///
/// ```ignore
/// harness::lesson_tests!(lesson!(), twin!(), PARTS);
/// ```
///
/// An attribute at the end, such as `ignore = "needs nslookup"`, is that of
/// the tests which compare the lesson with its transcripts and its pictures.
#[macro_export]
macro_rules! lesson_tests {
    ($lesson:expr, $twin:expr, $parts:expr $(, $needs:meta)?) => {
        #[test]
        fn all_parts_run_in_their_order() {
            let run = $lesson.args(&["--list"]).run();
            assert_eq!(run.names(), $parts.map(|(name, _)| name));
        }

        #[test]
        $(#[$needs])?
        fn transcripts_are_legal_outputs() {
            $crate::assert_transcripts(&$lesson, &$parts);
        }

        #[test]
        $(#[$needs])?
        fn pictures_show_what_a_run_shows() {
            $crate::assert_pictures(&$lesson);
        }

        #[test]
        #[ignore = "needs python3"]
        fn the_twin_holds_the_same() {
            $crate::assert_twin(&$twin, &$parts);
        }

        #[test]
        #[ignore = "needs python3"]
        fn transcripts_of_the_twin_are_legal_outputs() {
            $crate::assert_transcripts(&$twin, &$parts);
        }
    };
}
