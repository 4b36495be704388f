//! What other programs cost: `cargo bench -p lesson05_subprocess`

#[cfg(unix)]
fn main() {
    use harness::bench::{Row, compare};

    compare(vec![
        Row::new("true", "run `true` and wait for it", "microseconds")
            .why("Starting a program is the kernel's work.")
            .python("subprocess.call", "run_true")
            .ours("std Command", unix::by_command)
            .other("subprocess", unix::by_exec)
            .limit("posix_spawn", unix::by_posix_spawn),
        Row::new("communicate", "8 MiB to `cat` and back", "MiB a second")
            .why(
                "The crate writes and reads in turn in one thread; \
                 two threads do both at once.",
            )
            .times(10)
            .python("communicate", "communicate")
            .ours("subprocess", unix::communicate)
            .other("std, two threads", unix::by_two_threads)
            .limit("one pipe, no child", unix::one_pipe),
    ]);
}

#[cfg(not(unix))]
fn main() {
    println!("lesson05_subprocess: this benchmark needs Unix");
}

#[cfg(unix)]
mod unix {
    use std::ffi::CStr;
    use std::io::{self, Read, Write};
    use std::process::{Command, Stdio};
    use std::thread;

    use harness::bench::micros;
    use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
    use nix::sys::wait::waitpid;
    use subprocess::Exec;

    pub fn by_command(times: usize) -> f64 {
        micros(times, || {
            let status = Command::new("true").status();
            assert!(status.expect("coreutils").success());
        })
    }

    pub fn by_exec(times: usize) -> f64 {
        micros(times, || {
            assert!(Exec::cmd("true").join().expect("coreutils").success());
        })
    }

    pub fn by_posix_spawn(times: usize) -> f64 {
        let actions = PosixSpawnFileActions::init().expect("there is memory");
        let attributes = PosixSpawnAttr::init().expect("there is memory");
        let environment: [&CStr; 0] = [];
        micros(times, || {
            let child = posix_spawn(
                c"/bin/true",
                &actions,
                &attributes,
                &[c"true"],
                &environment,
            );
            waitpid(child.expect("coreutils"), None).expect("our child");
        })
    }

    fn data() -> Vec<u8> {
        b"0123456789abcde\n".repeat(512 * 1024)
    }

    /// From microseconds for 8 MiB to MiB a second.
    fn mib_a_second(micros: f64) -> f64 {
        8.0 / micros * 1e6
    }

    pub fn communicate(times: usize) -> f64 {
        let data = data();
        mib_a_second(micros(times, || {
            let cat = Exec::cmd("cat").stdin(data.clone()).capture();
            assert_eq!(cat.expect("coreutils").stdout.len(), data.len());
        }))
    }

    pub fn by_two_threads(times: usize) -> f64 {
        let data = data();
        mib_a_second(micros(times, || {
            let mut command = Command::new("cat");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut cat = command.spawn().expect("coreutils");
            let mut to_cat = cat.stdin.take().expect("it is a pipe");
            let output = thread::scope(|s| {
                s.spawn(|| {
                    to_cat.write_all(&data).expect("cat reads");
                    drop(to_cat);
                });
                cat.wait_with_output().expect("cat writes")
            });
            assert_eq!(output.stdout.len(), data.len());
        }))
    }

    pub fn one_pipe(times: usize) -> f64 {
        let data = data();
        mib_a_second(micros(times, || {
            let (mut reader, mut writer) = io::pipe().expect("a pipe");
            let mut received = Vec::new();
            thread::scope(|s| {
                s.spawn(|| {
                    writer.write_all(&data).expect("the reader is there");
                    drop(writer);
                });
                reader.read_to_end(&mut received).expect("the data");
            });
            assert_eq!(received.len(), data.len());
        }))
    }
}
