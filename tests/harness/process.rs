//! Starts a program, waits for its end, and looks at what it leaves behind.

use std::ffi::OsString;
use std::io::{self, BufRead, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Once, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::python::python_command;
use crate::template::fit;
use crate::{Run, root};

/// A lesson or its twin, ready to run.
///
/// ```
/// let run = harness::Program::lesson("echo", "/bin/echo").args(&["hi"]).run();
/// assert_eq!((run.lines[0].as_str(), run.code), ("hi", Some(0)));
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) name: String,
    /// The lesson that it belongs to; itself, if it is one.
    pub(crate) package: String,
    command: Vec<OsString>,
    args: Vec<String>,
    variables: Vec<(String, OsString)>,
    pub(crate) pace: f64,
    separate_stderr: bool,
    /// Whether an orphan that it leaves is a fault. A twin leaves its own to init.
    reaps_orphans: bool,
    killed_at: Option<String>,
    deadline: Duration,
}

impl Program {
    /// A lesson by the path of its binary.
    pub fn lesson(name: &str, binary: &str) -> Self {
        Self::new(name, vec![binary.into()], true)
    }

    /// The Python twin of a lesson, run by `$PYTHON` or `python3`.
    pub fn twin(name: &str) -> Self {
        Self::script(name, name)
    }

    /// An example of a lesson: cargo has built it with the lesson's tests.
    ///
    /// # Panics
    ///
    /// When it has not.
    pub fn example(package: &str, name: &str) -> Self {
        let test = env::current_exe().expect("a test is a program");
        let built = test.ancestors().nth(2).expect("it lies in deps");
        let binary = built.join("examples").join(name);
        let build = format!("cargo build -p {package} --examples");
        assert!(binary.is_file(), "no {binary:?}; {build:?} builds it");
        let program = Self::new(name, vec![binary.into()], true);
        Self { package: package.into(), ..program }
    }

    /// A script next to a lesson's twin, run as the twin is.
    pub fn script(package: &str, name: &str) -> Self {
        let script = format!("lessons/{package}/{name}.py");
        let command = vec![python_command(), script.into()];
        let program = Self::new(name, command, false);
        Self { package: package.into(), ..program }
    }

    /// A Python script of the workspace, run by this Python.
    pub fn python(python: &Path, script: &str) -> Self {
        Self::new(script, vec![python.into(), script.into()], false)
    }

    fn new(name: &str, command: Vec<OsString>, reaps_orphans: bool) -> Self {
        Self {
            name: name.into(),
            package: name.into(),
            command,
            args: Vec::new(),
            variables: Vec::new(),
            pace: 0.05,
            separate_stderr: false,
            reaps_orphans,
            killed_at: None,
            deadline: deadline(),
        }
    }

    pub(crate) fn is_twin(&self) -> bool {
        !self.reaps_orphans
    }

    /// With these arguments.
    #[must_use]
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args = args.iter().map(|arg| arg.to_string()).collect();
        self
    }

    /// With this variable in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// At this pace instead of 0.05.
    #[must_use]
    pub fn pace(mut self, pace: f64) -> Self {
        self.pace = pace;
        self
    }

    /// With standard error kept separate instead of among the lines.
    #[must_use]
    pub fn separate_stderr(mut self) -> Self {
        self.separate_stderr = true;
        self
    }

    /// With this deadline instead of that of [`deadline`]. It is there to end
    /// a program that hangs, not to measure one.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Killed with SIGKILL as soon as a line fits the template. All that it
    /// has started must notice, and end by itself within ten seconds.
    #[must_use]
    pub fn killed_at(mut self, template: &str) -> Self {
        self.killed_at = Some(template.into());
        self
    }

    /// Runs one part, which must succeed.
    ///
    /// # Panics
    ///
    /// When it fails, and where [`run`](Self::run) does.
    #[track_caller]
    pub fn part(&self, part: &str) -> Run {
        let run = self.clone().args(&[part]).run();
        if run.code != Some(0) {
            run.fail(&format!("{part} ended with {:?}", run.code));
        }
        run
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started, is not done at its deadline, or leaves a
    /// process or a file behind. Whatever it has started is killed then.
    #[track_caller]
    pub fn run(&self) -> Run {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let mark = new_mark();
        let began = Instant::now();
        let (child, out, err) = self.start(temp.path(), &mark);
        let group = Pid::from_raw(child.id() as i32);
        let (run, in_time) = self.listen(child, out, err, group, &mark);
        if !in_time {
            run.fail(&format!("not done after {:?}: killed", self.deadline));
        }
        let run = Run { elapsed: began.elapsed(), ..run };
        let left = self.left_behind(group, &mark);
        if !left.is_empty() {
            kill_all(group, &mark);
            run.fail(&format!("left behind: {}", left.join(", ")));
        }
        let files = fs::read_dir(temp.path()).expect("it is still there");
        let files: Vec<_> = files.flatten().map(|f| f.file_name()).collect();
        if !files.is_empty() {
            run.fail(&format!("left in the temporary folder: {files:?}"));
        }
        run
    }

    fn start(
        &self,
        temp: &Path,
        mark: &str,
    ) -> (Child, io::PipeReader, Option<io::PipeReader>) {
        become_subreaper();
        let (out, out_end) = io::pipe().expect("a pipe");
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .args(&self.args)
            .env_remove("RUST_BACKTRACE")
            .envs(self.variables.iter().cloned())
            .current_dir(root())
            .env("LESSON_PACE", self.pace.to_string())
            .env("TMPDIR", temp)
            .env(MARK, mark)
            .process_group(0)
            .stdin(Stdio::null());
        let err = if self.separate_stderr {
            let (err, err_end) = io::pipe().expect("a pipe");
            command.stderr(err_end);
            Some(err)
        } else {
            command.stderr(out_end.try_clone().expect("a second end"));
            None
        };
        let child = command.stdout(out_end).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("{:?} cannot be started: {error}", self.command)
        });
        (child, out, err)
    }

    /// Reads to the end; kills everything at the deadline.
    fn listen(
        &self,
        mut child: Child,
        out: io::PipeReader,
        err: Option<io::PipeReader>,
        group: Pid,
        mark: &str,
    ) -> (Run, bool) {
        let (done, watch) = mpsc::channel::<()>();
        thread::scope(|s| {
            let in_time = s.spawn(move || {
                let end = watch.recv_timeout(self.deadline);
                let late = end == Err(mpsc::RecvTimeoutError::Timeout);
                if late {
                    kill_all(group, mark);
                }
                !late
            });
            let errors = s.spawn(move || err.map_or_else(String::new, read));
            let text = self.read_or_kill(out, &child);
            let code = child.wait().expect("our own child").code();
            drop(done);
            let in_time = in_time.join().expect("the watch only waits");
            let mut run = match in_time && code == Some(0) {
                true => Run::from_text(&text),
                false => Run { lines: lines(&text), ..Run::default() },
            };
            run.errors = lines(&errors.join().expect("it only reads"));
            run.code = code;
            (run, in_time)
        })
    }

    /// Reads to the end, and kills the child at its line, if it has one.
    fn read_or_kill(&self, out: io::PipeReader, child: &Child) -> String {
        let mut out = io::BufReader::new(out);
        let mut text = String::new();
        if let Some(template) = &self.killed_at {
            let fits = |line: &str| fit(template, line.trim_end()).is_some();
            let mut line = String::new();
            while !fits(&line) {
                line.clear();
                let read = out.read_line(&mut line).expect("a pipe");
                assert!(read > 0, "no line is {template:?}:\n{text}");
                text += &line;
            }
            let leader = Pid::from_raw(child.id() as i32);
            kill(leader, Signal::SIGKILL).expect("our own child");
        }
        text + &read(out)
    }

    /// What is left of the run's processes. Orphans come to us, as to init.
    fn left_behind(&self, group: Pid, mark: &str) -> Vec<String> {
        let mut left = Vec::new();
        let strict = self.reaps_orphans && self.killed_at.is_none();
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let of_group = Pid::from_raw(-group.as_raw());
            match waitpid(of_group, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) if strict => {
                    left.push("a live process of its group".into());
                    break;
                }
                Ok(WaitStatus::StillAlive) if Instant::now() > end => {
                    left.push("a process that does not end".into());
                    break;
                }
                Ok(WaitStatus::StillAlive) => {
                    thread::sleep(Duration::from_millis(10));
                }
                Ok(_) if !strict => {}
                Ok(status) => {
                    left.push(format!("a child unreaped: {status:?}"))
                }
                Err(_) => break, // ECHILD: no child is left.
            }
        }
        if killpg(group, None) != Err(Errno::ESRCH) && left.is_empty() {
            left.push("a process of its group".into());
        }
        let may_still_end = self.killed_at.is_some();
        let mut alive = marked(MARK, mark);
        while may_still_end && !alive.is_empty() && Instant::now() < end {
            thread::sleep(Duration::from_millis(10));
            alive = marked(MARK, mark);
        }
        left.extend(alive.iter().map(|pid| format!("process {pid}")));
        left
    }
}

/// When a program that hangs is ended: after four minutes, which is enough on
/// a busy machine, or after as many seconds as `HARNESS_DEADLINE` says.
///
/// ```
/// assert!(harness::deadline().as_secs() > 0);
/// ```
pub fn deadline() -> Duration {
    let seconds = env::var("HARNESS_DEADLINE").unwrap_or_default();
    Duration::from_secs(seconds.parse().unwrap_or(240))
}

/// The environment variable that marks all processes of a run.
const MARK: &str = "HARNESS_RUN";

fn new_mark() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Relaxed))
}

/// The other live processes that have this variable with this value in their
/// environment, in whatever group or session they are. None where the system
/// does not tell (it does on Linux).
fn marked(name: &str, value: &str) -> Vec<Pid> {
    let entry = format!("{name}={value}\0");
    let ours = program(Path::new("/proc/self"));
    let (Ok(processes), Some(ours)) = (fs::read_dir("/proc"), ours) else {
        return Vec::new();
    };
    let pids = processes.flatten().filter_map(|process| {
        let pid = Pid::from_raw(process.file_name().to_str()?.parse().ok()?);
        if pid == Pid::this() {
            return None;
        }
        let environment = environment(&process.path(), ours)?;
        environment.contains(&entry).then_some(pid)
    });
    pids.collect()
}

/// The environment of another process, given its directory in `/proc`. None
/// where it is not ours to read, or there is none any more.
///
/// When `spawn` returns, the child may for a moment still have our program
/// and our environment, and then neither; and a process that changes its
/// program while we read leaves us with half an environment. So it counts once the
/// program is not ours, and the same before and after.
fn environment(process: &Path, ours: Addresses) -> Option<String> {
    for _ in 0..1000 {
        let before = program(process)?;
        let environment = fs::read(process.join("environ")).ok()?;
        let after = program(process)?;
        if before.0 != 0 && before == after && before != ours {
            return Some(String::from_utf8_lossy(&environment).into_owned());
        }
        thread::sleep(Duration::from_millis(1));
    }
    None
}

/// Where a program lies in the memory: `endcode` and `startstack`.
type Addresses = (u64, u64);

/// The fields 27 and 28 of proc_pid_stat(5). The first is 0 until all is in
/// place. None once the process has ended.
fn program(process: &Path) -> Option<Addresses> {
    fs::read_link(process.join("exe")).ok()?;
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(27 - 3);
    let mut field = || fields.next()?.parse().ok();
    Some((field()?, field()?))
}

/// Kills all processes that were started with this variable in their
/// environment, or by one of those. On Linux; elsewhere it finds none.
///
/// ```
/// use std::process::Command;
///
/// let mut sleeper = Command::new("sleep");
/// let mut sleeper = sleeper.arg("60").env("WHOSE", "ours").spawn().unwrap();
/// # #[cfg(not(target_os = "linux"))]
/// # sleeper.kill().unwrap();
/// harness::kill_marked("WHOSE", "ours");
/// assert!(!sleeper.wait().unwrap().success());
/// ```
pub fn kill_marked(name: &str, value: &str) {
    // A killed process may just have started another one.
    for _ in 0..100 {
        let left = marked(name, value);
        if left.is_empty() {
            return;
        }
        for pid in left {
            // An error means that it has ended already.
            let _ = kill(pid, Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn kill_all(group: Pid, mark: &str) {
    let _ = killpg(group, Signal::SIGKILL);
    kill_marked(MARK, mark);
}

/// Orphans of a run become our children, and we see them; on Linux.
fn become_subreaper() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_child_subreaper(true).expect("always allowed");
    });
}

fn read(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("a pipe can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(String::from).collect()
}
