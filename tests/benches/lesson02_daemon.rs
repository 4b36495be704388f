//! What detaching a daemon costs: `cargo bench -p lesson02_daemon`

#[cfg(unix)]
#[path = "../../lessons/lesson00_fork/src/system.rs"]
#[expect(dead_code, reason = "one of its calls is enough here")]
mod system;

#[cfg(unix)]
fn main() {
    use harness::bench::{Row, compare};

    compare(vec![
        Row::new("detach", "detach a daemon that reports", "microseconds")
            .python("two os.fork", "detach")
            .ours("as the lesson does", unix::detach)
            .limit("two forks alone", unix::two_forks),
    ]);
}

#[cfg(not(unix))]
fn main() {
    println!("lesson02_daemon: this benchmark needs Unix");
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::process;

    use harness::bench::micros;
    use nix::sys::stat::{Mode, umask};
    use nix::sys::wait::waitpid;
    use nix::unistd::{
        ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, setsid,
    };

    use crate::system::fork;

    /// A child whose child reports through a pipe.
    fn grandchild(times: usize, become_daemon: fn() -> io::Result<()>) -> f64 {
        micros(times, || {
            let (mut reader, mut writer) = io::pipe().expect("a pipe");
            match fork().expect("there is one thread") {
                ForkResult::Child => {
                    become_daemon().expect("the system allows it");
                    writer.write_all(b"!").expect("the parent reads");
                    process::exit(0);
                }
                ForkResult::Parent { child } => {
                    waitpid(child, None).expect("it is our child");
                    reader.read_exact(&mut [0]).expect("the report");
                }
            }
        })
    }

    pub fn two_forks(times: usize) -> f64 {
        grandchild(times, || match fork()? {
            ForkResult::Parent { .. } => process::exit(0),
            ForkResult::Child => Ok(()),
        })
    }

    /// What lesson 2 does.
    pub fn detach(times: usize) -> f64 {
        grandchild(times, || {
            setsid()?;
            if let ForkResult::Parent { .. } = fork()? {
                process::exit(0);
            }
            umask(Mode::from_bits_truncate(0o027));
            std::env::set_current_dir("/")?;
            let null =
                File::options().read(true).write(true).open("/dev/null")?;
            dup2_stdin(&null)?;
            dup2_stdout(&null)?;
            dup2_stderr(&null)?;
            Ok(())
        })
    }
}
