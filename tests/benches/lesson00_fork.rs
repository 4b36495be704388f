//! What a fork costs: `cargo bench -p lesson00_fork`

#[expect(dead_code, reason = "one of its calls is enough here")]
#[cfg(unix)]
#[path = "../../lessons/lesson00_fork/src/system.rs"]
mod system;

#[cfg(unix)]
fn main() {
    use harness::bench::{Row, compare};

    compare(vec![
        Row::new("fork", "fork a child and wait for it", "microseconds")
            .python("os.fork", "fork")
            .ours("the lesson's fork", unix::by_lesson)
            .limit("the system's fork", unix::by_system),
        Row::new("large", "fork from a process of 256 MiB", "microseconds")
            .why(
                "The kernel copies the page tables of the parent, \
                 in both languages.",
            )
            .python("os.fork", "fork_large")
            .ours("the lesson's fork", unix::by_lesson_large)
            .limit("the system's fork", unix::by_system_large),
    ]);
}

#[cfg(not(unix))]
fn main() {
    println!("lesson00_fork: this benchmark needs Unix");
}

#[cfg(unix)]
mod unix {
    use std::hint::black_box;
    use std::process;

    use harness::bench::micros;
    use nix::libc;
    use nix::sys::wait::waitpid;
    use nix::unistd::ForkResult;

    use crate::system::fork;

    pub fn by_lesson(times: usize) -> f64 {
        micros(times, || match fork().expect("there is one thread") {
            ForkResult::Child => process::exit(0),
            ForkResult::Parent { child } => {
                waitpid(child, None).expect("it is our child");
            }
        })
    }

    pub fn by_system(times: usize) -> f64 {
        micros(times, || {
            // SAFETY: this is the only thread, and the child exits at once.
            #[expect(unsafe_code, reason = "the bare system call")]
            unsafe {
                match libc::fork() {
                    0 => libc::_exit(0),
                    child => libc::waitpid(child, std::ptr::null_mut(), 0),
                };
            }
        })
    }

    pub fn by_lesson_large(times: usize) -> f64 {
        let _memory = black_box(vec![1_u8; 256 * 1024 * 1024]);
        by_lesson(times)
    }

    pub fn by_system_large(times: usize) -> f64 {
        let _memory = black_box(vec![1_u8; 256 * 1024 * 1024]);
        by_system(times)
    }
}
