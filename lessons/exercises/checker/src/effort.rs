//! What a wait costs the thread that waits.

use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

#[cfg(target_os = "linux")]
const WHO: UsageWho = UsageWho::RUSAGE_THREAD;
#[cfg(not(target_os = "linux"))]
const WHO: UsageWho = UsageWho::RUSAGE_SELF;

/// Runs `wait`, which takes at least `time`. `Err` if it did not block.
pub fn assert_blocks<T>(
    time: Duration,
    wait: impl FnOnce() -> T,
) -> Result<T, String> {
    let before = getrusage(WHO).expect("our own");
    let result = wait();
    let after = getrusage(WHO).expect("our own");
    let cpu = cpu_time(&after) - cpu_time(&before);
    let switches = after.voluntary_context_switches()
        - before.voluntary_context_switches();
    if switches == 0 || cpu > time / 4 {
        return Err(format!(
            "it spins: a wait of {time:?} took {cpu:?} of CPU"
        ));
    }
    if switches > 3 {
        return Err(format!(
            "it polls: it woke up {switches} times in a wait of {time:?}"
        ));
    }
    Ok(result)
}

/// How often this thread has blocked.
pub fn switches() -> i64 {
    getrusage(WHO).expect("our own").voluntary_context_switches()
}

fn cpu_time(usage: &Usage) -> Duration {
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(time.num_microseconds().unsigned_abs())
}
