//! Forks, daemons, children with a time limit, other programs.

use std::ffi::CStr;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::bench::Side::{Limit, Other, Ours};
use nix::libc;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, setsid};
use subprocess::Exec;
use wait_timeout::ChildExt;

use crate::Row;
use crate::system::fork;

const FORK: &str = "fork a child and wait for it";
const MICRO: &str = "microseconds";

pub const MICROSECONDS: &[Row] = &[
    Row {
        lesson: "lesson00_fork",
        what: FORK,
        unit: MICRO,
        python: Some(("os.fork", "fork", 500)),
        rust: &[
            (Ours, "the lesson's fork", 500, by_lesson),
            (Limit, "the system's fork", 500, by_system),
        ],
    },
    Row {
        lesson: "lesson00_fork",
        what: "fork from a process of 256 MiB",
        unit: MICRO,
        python: Some(("os.fork", "fork_large", 50)),
        rust: &[
            (Ours, "the lesson's fork", 50, by_lesson_large),
            (Limit, "the system's fork", 50, by_system_large),
        ],
    },
    Row {
        lesson: "lesson02_daemon",
        what: "detach a daemon that says it is there",
        unit: MICRO,
        python: Some(("two os.fork", "detach", 200)),
        rust: &[
            (Ours, "as the lesson does", 200, detach),
            (Limit, "two forks alone", 200, two_forks),
        ],
    },
    Row {
        lesson: "lesson03_join",
        what: "tell a child to end, and join it",
        unit: MICRO,
        python: Some(("join(60)", "join", 20)),
        rust: &[
            (Ours, "wait-timeout", 20, with_limit),
            (Other, "std wait", 20, without_limit),
        ],
    },
    Row {
        lesson: "lesson05_subprocess",
        what: "run `true` and wait for it",
        unit: MICRO,
        python: Some(("subprocess.call", "run_true", 200)),
        rust: &[
            (Ours, "std Command", 200, by_command),
            (Other, "subprocess", 200, by_exec),
            (Limit, "posix_spawn", 200, by_posix_spawn),
        ],
    },
];

pub const MEGABYTES: &[Row] = &[Row {
    lesson: "lesson05_subprocess",
    what: "8 MiB to `cat` and back",
    unit: "MiB a second",
    python: Some(("communicate", "communicate", 5)),
    rust: &[
        (Ours, "subprocess", 5, communicate),
        (Other, "std, two threads", 5, by_two_threads),
        (Limit, "one pipe, no child", 5, one_pipe),
    ],
}];

/// Microseconds that each takes.
fn each(times: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_secs_f64() / times as f64 * 1e6
}

fn by_lesson(times: usize) -> f64 {
    each(times, || match fork().expect("there is one thread") {
        ForkResult::Child => process::exit(0),
        ForkResult::Parent { child } => {
            waitpid(child, None).expect("it is ours");
        }
    })
}

fn by_system(times: usize) -> f64 {
    each(times, || {
        // SAFETY: this is the only thread, and the child ends at once.
        #[expect(unsafe_code, reason = "nothing between us and the system")]
        unsafe {
            match libc::fork() {
                0 => libc::_exit(0),
                child => libc::waitpid(child, std::ptr::null_mut(), 0),
            };
        }
    })
}

fn by_lesson_large(times: usize) -> f64 {
    let _memory = black_box(vec![1_u8; 256 * 1024 * 1024]);
    by_lesson(times)
}

fn by_system_large(times: usize) -> f64 {
    let _memory = black_box(vec![1_u8; 256 * 1024 * 1024]);
    by_system(times)
}

/// A child whose child says that it is there.
fn grandchild(times: usize, become_daemon: fn() -> io::Result<()>) -> f64 {
    each(times, || {
        let (mut heard, mut says) = io::pipe().expect("a pipe");
        match fork().expect("there is one thread") {
            ForkResult::Child => {
                become_daemon().expect("the system lets us");
                says.write_all(b"!").expect("somebody reads");
                process::exit(0);
            }
            ForkResult::Parent { child } => {
                waitpid(child, None).expect("it is ours");
                heard.read_exact(&mut [0]).expect("it is there");
            }
        }
    })
}

fn two_forks(times: usize) -> f64 {
    grandchild(times, || match fork()? {
        ForkResult::Parent { .. } => process::exit(0),
        ForkResult::Child => Ok(()),
    })
}

/// What `daemonize` of lesson 2 does.
fn detach(times: usize) -> f64 {
    grandchild(times, || {
        setsid()?;
        if let ForkResult::Parent { .. } = fork()? {
            process::exit(0);
        }
        umask(Mode::from_bits_truncate(0o027));
        std::env::set_current_dir("/")?;
        let null = File::options().read(true).write(true).open("/dev/null")?;
        dup2_stdin(&null)?;
        dup2_stdout(&null)?;
        dup2_stderr(&null)?;
        Ok(())
    })
}

/// What the child does that is told to end.
pub fn wait() {
    io::copy(&mut io::stdin(), &mut io::sink()).expect("it is a pipe");
}

/// Starts all of them, and then ends one after the other.
fn end(times: usize, join: fn(&mut Child)) -> f64 {
    let start = |_| {
        let mut child = shared::child("wait", [""; 0]).expect("it is us");
        child.stdin(Stdio::piped()).spawn().expect("it starts")
    };
    let mut children: Vec<_> = (0..times).map(start).collect();
    each(times, || {
        let mut child = children.pop().expect("there is one for each");
        drop(child.stdin.take());
        join(&mut child);
    })
}

fn with_limit(times: usize) -> f64 {
    end(times, |child| {
        let ended = child.wait_timeout(Duration::from_secs(60));
        assert!(ended.expect("it is ours").is_some(), "it was told to end");
    })
}

fn without_limit(times: usize) -> f64 {
    end(times, |child| {
        assert!(child.wait().expect("it is ours").success());
    })
}

fn by_command(times: usize) -> f64 {
    each(times, || {
        assert!(Command::new("true").status().expect("coreutils").success());
    })
}

fn by_exec(times: usize) -> f64 {
    each(times, || {
        assert!(Exec::cmd("true").join().expect("coreutils").success());
    })
}

fn by_posix_spawn(times: usize) -> f64 {
    let actions = PosixSpawnFileActions::init().expect("there is memory");
    let attributes = PosixSpawnAttr::init().expect("there is memory");
    let nothing: [&CStr; 0] = [];
    each(times, || {
        let child = posix_spawn(
            c"/bin/true",
            &actions,
            &attributes,
            &[c"true"],
            &nothing,
        );
        waitpid(child.expect("coreutils"), None).expect("it is ours");
    })
}

fn data() -> Vec<u8> {
    b"0123456789abcde\n".repeat(512 * 1024)
}

/// From the time for each to megabytes a second.
fn megabytes(microseconds: f64) -> f64 {
    8.0 / microseconds * 1e6
}

fn communicate(times: usize) -> f64 {
    let data = data();
    megabytes(each(times, || {
        let cat = Exec::cmd("cat").stdin(data.clone()).capture();
        assert_eq!(cat.expect("coreutils").stdout.len(), data.len());
    }))
}

fn by_two_threads(times: usize) -> f64 {
    let data = data();
    megabytes(each(times, || {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut cat = command.spawn().expect("coreutils");
        let mut to_cat = cat.stdin.take().expect("it is a pipe");
        let said = thread::scope(|s| {
            s.spawn(|| {
                to_cat.write_all(&data).expect("it reads");
                drop(to_cat);
            });
            cat.wait_with_output().expect("it writes")
        });
        assert_eq!(said.stdout.len(), data.len());
    }))
}

fn one_pipe(times: usize) -> f64 {
    let data = data();
    megabytes(each(times, || {
        let (mut from, mut to) = io::pipe().expect("a pipe");
        let mut said = Vec::new();
        thread::scope(|s| {
            s.spawn(|| {
                to.write_all(&data).expect("somebody reads");
                drop(to);
            });
            from.read_to_end(&mut said).expect("somebody writes");
        });
        assert_eq!(said.len(), data.len());
    }))
}
