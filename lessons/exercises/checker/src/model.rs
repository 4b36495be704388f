//! A small program in many interleavings of its threads.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use crate::panics;

/// More interleavings than any program has that is searched whole.
const MANY: usize = 1_000_000;

/// More steps than any program takes whose threads block.
const STEPS: usize = 2_000;

/// What `shuttle` 0.9.9 says in place of a deadlock, if a thread waits for a
/// message in a scope whose threads have all ended.
const WOKEN_TOO_EARLY: &str = "assertion failed: index < len";

/// Runs `program` in every interleaving. Its own assertions say what is wrong
/// with the first bad one; if its threads block forever, that is `stuck`.
pub fn search(stuck: &str, program: fn()) -> Result<(), String> {
    run(stuck, program, DfsScheduler::new(Some(MANY), false))
}

/// Runs `program` in so many interleavings, always the same ones.
pub fn sample(stuck: &str, tries: usize, program: fn()) -> Result<(), String> {
    run(stuck, program, RandomScheduler::new_from_seed(0, tries))
}

/// Runs `program`, in which a thread waits for what never comes. It must block:
/// that is the only good end.
pub fn assert_blocks(returned: &str, program: fn()) -> Result<(), String> {
    const BLOCKS: &str = "it blocks";
    match run(BLOCKS, program, DfsScheduler::new(Some(1), false)) {
        Ok(()) => Err(returned.into()),
        Err(line) if line == BLOCKS => Ok(()),
        Err(line) => Err(line),
    }
}

fn run(
    stuck: &str,
    program: fn(),
    scheduler: impl Scheduler + 'static,
) -> Result<(), String> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS);
    let search = Runner::new(scheduler, config);
    silence_standard_error();
    let end = catch_unwind(AssertUnwindSafe(|| search.run(program)));
    let Err(panic) = end else { return Ok(()) };
    let message = panics::message(&*panic);
    Err(if message.starts_with("deadlock!") || message == WOKEN_TOO_EARLY {
        stuck.into()
    } else if message.starts_with("exceeded max_steps") {
        "it spins: a thread that waits must block until it is woken".into()
    } else {
        message
    })
}

/// `shuttle` prints the bad schedule, which says nothing to the reader.
fn silence_standard_error() {
    let nowhere = File::options().write(true).open("/dev/null");
    nix::unistd::dup2_stderr(nowhere.expect("it exists")).expect("ours");
}
