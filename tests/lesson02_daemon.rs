//! What lesson 2 and its Python twin must show.
#![cfg(unix)]

use std::fs;
use std::io::{self, PipeReader, PipeWriter};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use harness::{PartCheck, Program, Run, lesson, twin};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

const PARTS: [PartCheck; 4] = [
    ("foreground", foreground),
    ("daemon", daemon),
    ("threads", threads),
    ("detach", detach),
];

/// Slower than usual: the threads that are to be cut off must not be done
/// before a busy machine lets `main` return.
const PACE: f64 = 0.2;

fn lesson() -> Program {
    lesson!().pace(PACE)
}

fn foreground(run: &Run) {
    run.in_any_order(&[
        "【END】",
        "worker ({W}) starts at {*}",
        "worker ({W}) ends at {*}",
    ]);
    let ends = "worker ({W}) ends at {*}";
    run.before("【END】", ends);
    run.before("worker ({W}) starts at {*}", ends);
}

fn daemon(run: &Run) {
    run.one("【END】");
    run.before("【END】", "return: the parent ended with 0, {*}");
    assert_eq!(run.all("worker ({W}) starts at {*}").len(), 4);
    assert_eq!(run.all("worker ({W}) ends at {*}").len(), 0, "cut short");
    let ended = "{way}: the parent ended with {code}, its child {*}";
    let codes: Vec<_> =
        run.all(ended).iter().map(|(_, f)| f.number("code")).collect();
    assert!(matches!(codes[..], [0.0, 1.0 | 101.0, -2.0, -9.0]), "{codes:?}");
}

fn threads(run: &Run) {
    let first = "This is the main thread: MainThread";
    let began = "Current thread: {speaker}";
    let result = "Result: 1152921504606846976";
    let middle = run.one("return: of five threads 0 finished").0;
    for (half, results) in
        [(&run.lines[..middle], 0), (&run.lines[middle + 1..], 5)]
    {
        let run = Run { lines: half.to_vec(), ..Run::default() };
        assert_eq!(run.lines[0], first);
        let mut names: Vec<_> = run
            .all(began)
            .iter()
            .map(|(_, f)| f.text("speaker").to_string())
            .collect();
        names.sort();
        assert_eq!(names, [1, 2, 3, 4, 5].map(|k| format!("Thread-{k}")));
        assert_eq!(run.all(result).len(), results);
        let all = run.one("In all: {s} seconds").0;
        assert!(run.all(result).iter().all(|(i, _)| *i < all));
    }
    let last = run.lines.last().expect("lines");
    assert_eq!(last, "join: of five threads 5 finished");
}

fn detach(run: &Run) {
    let found = run.one("start: daemon {D} runs").1;
    let same = |template: &str| {
        assert_eq!(
            run.one(template).1.text("D"),
            found.text("D"),
            "{template}"
        );
    };
    same("status: daemon {D} runs");
    same("lesson02_daemon: start: refused: daemon {D} runs");
    same("stop: daemon {D} has ended");
    same("daemon ({D}): parent {*}, session {*}, no terminal");
    same("daemon ({D}): in /, streams /dev/null, log mode 640");
    same("daemon ({D}): SIGTERM: removes its pid file and ends");
    run.before("stop: {*}", "lesson02_daemon: status: no daemon runs there");
    let session = run.one("daemon ({D}): parent {P}, session {S}, {*}").1;
    assert_ne!(session.text("S"), session.text("D"), "it leads no session");
    let beats = run.all("daemon ({D}): heartbeat {n}");
    let counted = (1..=beats.len()).map(|n| n as f64);
    assert!(beats.len() >= 3, "{beats:?}");
    assert!(beats.iter().map(|(_, f)| f.number("n")).eq(counted));
}

#[test]
fn the_foreground_child_is_waited_for() {
    let run = lesson().part("foreground");
    foreground(&run);
    assert_eq!(run.lines[0], "【END】", "CPython leaves that to chance");
    assert!(run.seconds >= 3.0 * PACE - 0.01, "the worker takes three seconds");
}

#[test]
fn a_daemon_child_is_cut_short_however_its_parent_ends() {
    let run = lesson().part("daemon");
    daemon(&run);
    let found = run.exact(&[
        "worker ({A}) starts at {*}",
        "【END】",
        "return: the parent ended with 0, its child with it",
        "worker ({B}) starts at {*}",
        "panic: the parent ended with 101, its child with it",
        "worker ({C}) starts at {*}",
        "worker ({C}) has lost its parent",
        "Ctrl-C: the parent ended with -2, its child with it",
        "worker ({D}) starts at {*}",
        "worker ({D}) has lost its parent",
        "SIGKILL: the parent ended with -9, its child with it",
    ]);
    if cfg!(target_os = "linux") {
        // The lesson has adopted and reaped those whose parent was killed.
        for worker in ["A", "B", "C", "D"] {
            let pid = Pid::from_raw(found.number(worker) as i32);
            assert_eq!(kill(pid, None), Err(Errno::ESRCH), "{worker} is left");
        }
    }
}

#[test]
fn detached_threads_are_cut_off_and_joined_ones_are_not() {
    let run = lesson().part("threads");
    threads(&run);
    assert!(
        run.seconds >= 2.0 * PACE - 0.01,
        "the joined ones take two seconds"
    );
    let joined = run.all("In all: {s} seconds")[1].1.number("s");
    assert!(joined >= 2.0 * PACE - 0.01);
}

#[test]
fn a_unix_daemon_is_started_asked_for_and_stopped() {
    detach(&lesson().part("detach"));
}

#[test]
fn a_killed_lesson_takes_its_children_along() {
    let lesson = lesson().pace(1.0);
    let killed = |part, line| {
        let run =
            lesson.clone().args(&[part, "--timeline"]).killed_at(line).run();
        assert_eq!(run.code, None, "killed");
        run
    };
    let run = killed("foreground", "worker {*} starts at {*}");
    assert_eq!(run.all("worker {*} ends at {*}").len(), 0);
    killed("daemon", "return: {*}");
    killed("threads", "return: {*}");
    killed("detach", "status: daemon {*} runs");
}

/// How long a role may hang.
const DEADLINE: Duration = Duration::from_secs(30);

/// A folder with a daemon in it, started by hand; on a leash, so that it ends
/// with the test.
struct ByHand {
    folder: TempDir,
    leash: PipeReader,
    _held: PipeWriter,
}

impl ByHand {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (leash, _held) = io::pipe().expect("a pipe");
        Self { folder, leash, _held }
    }

    /// Runs a role to its end; one that hangs is killed.
    fn run(&self, role: &str) -> Output {
        let child = Command::new(env!("CARGO_BIN_EXE_lesson02_daemon"))
            .arg(role)
            .arg(self.folder.path())
            .arg("leash")
            .env("LESSON_PACE", PACE.to_string())
            .stdin(self.leash.try_clone().expect("a second end"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the lesson can be started");
        let pid = Pid::from_raw(child.id() as i32);
        let (done, watch) = mpsc::channel::<()>();
        thread::scope(|s| {
            s.spawn(move || {
                let late = Err(mpsc::RecvTimeoutError::Timeout);
                if watch.recv_timeout(DEADLINE) == late {
                    let _ = kill(pid, Signal::SIGKILL); // Or it has ended.
                }
            });
            let output = child.wait_with_output();
            drop(done);
            output.expect("it can be waited for")
        })
    }

    /// Runs a role that must succeed, and returns the pid that it names.
    fn pid(&self, role: &str) -> Pid {
        let output = self.run(role);
        assert!(output.status.success(), "{output:?}");
        let line = String::from_utf8(output.stdout).expect("a line");
        let pid = line.split_whitespace().nth(2).and_then(|p| p.parse().ok());
        Pid::from_raw(pid.unwrap_or_else(|| panic!("no pid: {line}")))
    }

    /// Runs a role that must be refused in one line, with status 1.
    fn refused(&self, role: &str) -> String {
        let output = self.run(role);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(output.stdout, b"");
        let line = String::from_utf8(output.stderr).expect("a line");
        assert_eq!(line.lines().count(), 1, "{line}");
        line
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("lesson02_daemon.{ending}"))
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.run("stop"); // Refused when the test has done so.
    }
}

#[test]
fn a_second_start_is_refused_while_the_first_runs() {
    let daemon = ByHand::new();
    let pid = daemon.pid("start");
    let refusal =
        format!("lesson02_daemon: start: refused: daemon {pid} runs\n");
    assert_eq!(daemon.refused("start"), refusal);
    assert_eq!(daemon.pid("status"), pid, "the first one runs on");
    assert_eq!(daemon.pid("stop"), pid);
    assert!(!daemon.file("pid").exists(), "SIGTERM cleans up");
    assert!(daemon.refused("stop").contains("stop: no daemon runs there"));
    assert_ne!(daemon.pid("start"), pid, "and it may start again");
}

#[test]
fn of_many_starts_at_once_one_succeeds() {
    let daemon = ByHand::new();
    let start = || daemon.run("start").status.success();
    let started = thread::scope(|s| {
        let starts = [(); 8].map(|()| s.spawn(start));
        starts.map(|start| start.join().unwrap())
    });
    assert_eq!(started.iter().filter(|one| **one).count(), 1);
    daemon.pid("status");
}

#[test]
fn a_pid_file_without_its_daemon_keeps_nobody_out() {
    let daemon = ByHand::new();
    let killed = daemon.pid("start");
    kill(killed, Signal::SIGKILL).expect("it runs");
    let pid_file = fs::File::open(daemon.file("pid")).expect("it is left");
    pid_file.lock().expect("free when the daemon has ended");
    // A child that another test is starting may have a copy of it.
    pid_file.unlock().expect("it is ours");
    assert!(daemon.refused("status").contains("status: no daemon runs there"));
    assert_ne!(daemon.pid("start"), killed);
}

#[test]
#[cfg(target_os = "linux")]
fn a_unix_daemon_has_left_everything_behind() {
    let daemon = ByHand::new();
    let pid = daemon.pid("start");
    let process = Path::new("/proc").join(pid.to_string());
    let link = |name: &str| fs::read_link(process.join(name)).expect(name);
    assert_eq!(link("cwd"), Path::new("/"));
    for stream in ["fd/0", "fd/1", "fd/2"] {
        assert_eq!(link(stream), Path::new("/dev/null"));
    }
    // 4713 (lesson02_daemon) S parent group session terminal ...
    let stat = fs::read_to_string(process.join("stat")).expect("it runs");
    let fields = stat.rsplit(") ").next().expect("fields").split(' ');
    let fields: Vec<i32> = fields.filter_map(|f| f.parse().ok()).collect();
    let ours = nix::unistd::getsid(None).expect("we have a session");
    assert_ne!(fields[2], ours.as_raw(), "a session of its own");
    assert_ne!(fields[2], pid.as_raw(), "which it does not lead");
    assert_eq!(fields[3], 0, "no terminal");
    let status = fs::read_to_string(process.join("status")).expect("it runs");
    assert!(status.contains("Umask:\t0027\n"), "{status}");
}

#[test]
fn a_start_without_a_good_folder_is_refused_in_one_line() {
    let no_folder = lesson().separate_stderr().args(&["start"]).run();
    assert_eq!(no_folder.errors, ["lesson02_daemon: start: name a folder"]);
    let nowhere =
        lesson().separate_stderr().args(&["start", "/no/such/folder"]).run();
    assert_eq!(nowhere.errors.len(), 1);
    assert!(nowhere.errors[0].contains("/no/such/folder: No such file"));
    assert_eq!((no_folder.code, nowhere.code), (Some(1), Some(1)));
}

#[test]
#[ignore = "needs python3"]
fn the_twins_daemon_outlives_a_killed_parent() {
    let run = twin!().pace(PACE).part("daemon");
    run.one("return: {*}, its child with it");
    run.one("exception: {*}, its child with it");
    run.one("Ctrl-C: {*}, its child with it");
    run.one("SIGKILL: {*}, its child runs on");
}

harness::lesson_tests!(lesson(), twin!().pace(PACE), PARTS);
