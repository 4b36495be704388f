//! The examples, with every CPython on the other side.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use harness::{pythons, root};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pymanagers::{Client, Key};

mod example;

use example::example;

fn python(path: &Path, script: &str, args: &[&str]) -> Command {
    let scripts = root().join("tests/pymanagers/scripts");
    let mut command = Command::new(path);
    command.arg(scripts.join(script)).args(args).env("KEY", "abc");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A child that does not outlive its test, however the test ends.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill(); // If it has exited, nothing happens.
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> (Guard, BufReader<ChildStdout>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (Guard(child), out)
}

fn line(out: &mut impl BufRead) -> String {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim_end().to_string()
}

/// A worker under a master of this CPython, which starts its manager's process
/// in this way, and ends the work in that one.
fn assert_worker(path: &Path, worker: &Path, method: &str, end: &str) {
    let (mut master, mut lines) =
        start(&mut python(path, "orders.py", &[method, end]));
    let address = line(&mut lines);
    let mut command = Command::new(worker);
    command.env("KEY", "abc").env("MASTER", &address);
    let (mut worker, _) = start(&mut command);
    let answers = [(); 3].map(|()| line(&mut lines));
    let expected = ["(0, 'SPAM')", "(1, '两点水')", "(2, 'EGGS')"];
    assert_eq!(answers, expected, "{path:?} {method}");
    if end == "signal" {
        let pid = Pid::from_raw(worker.0.id() as i32);
        kill(pid, Signal::SIGTERM).unwrap();
    }
    assert!(worker.0.wait().unwrap().success(), "{path:?} {method} {end}");
    drop(master.0.stdin.take());
    assert!(master.0.wait().unwrap().success(), "{path:?} {method} {end}");
}

fn has_shutdown(path: &Path) -> bool {
    let script = "import queue; queue.ShutDown";
    let mut command = Command::new(path);
    command.args(["-c", script]).stderr(Stdio::null());
    command.status().unwrap().success()
}

#[test]
#[ignore = "needs python3"]
fn the_worker_serves_a_master_of_every_python() {
    let worker = &example("worker");
    thread::scope(|s| {
        for path in pythons() {
            s.spawn(move || {
                for method in ["spawn", "fork", "forkserver"] {
                    assert_worker(&path, worker, method, "pill");
                }
                assert_worker(&path, worker, "fork", "signal");
                if has_shutdown(&path) {
                    assert_worker(&path, worker, "fork", "shutdown");
                }
            });
        }
    });
}

#[test]
#[ignore = "needs python3"]
fn the_server_serves_clients_of_every_python() {
    let server = example("server");
    for path in pythons() {
        let mut command = Command::new(&server);
        command.env("KEY", "abc").stderr(Stdio::null());
        let (mut child, mut out) = start(&mut command);
        let address = line(&mut out);
        let (mut client, mut lines) =
            start(&mut python(&path, "counts.py", &[&address]));
        assert_eq!(line(&mut lines), "it counts", "{path:?}");
        assert!(client.0.wait().unwrap().success());
        let ours = Client::connect(address, &Key::from("abc")).unwrap();
        ours.shutdown_server().unwrap();
        assert!(child.0.wait().unwrap().success());
    }
}
