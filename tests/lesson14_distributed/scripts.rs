//! The Python programs that the tests run: the documents' two, and a few lines
//! around a manager.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Background, Run, pythons, root};
use tempfile::TempDir;

use super::processes::KEY;

/// What a script sees that is run by a test: naps that take less time, any
/// free port instead of 5000, which it then names, and children that are
/// started as the test says. The documents' master needs `fork`, the default
/// on Linux up to 3.13: its lambdas cannot be pickled.
const AROUND: &str = r#"
import multiprocessing, os, sys, time
from multiprocessing.managers import BaseManager

multiprocessing.set_start_method(os.environ["START_METHOD"])
sleep, pace = time.sleep, float(os.environ["LESSON_PACE"])
time.sleep = lambda seconds: sleep(seconds * pace)
init, start = BaseManager.__init__, BaseManager.start

def init_elsewhere(self, address=None, *args, **more):
    address = (address[0], int(os.environ["TEST_PORT"]))
    init(self, address, *args, **more)

def start_and_tell(self, *args, **more):
    start(self, *args, **more)
    print("port", self.address[1], file=sys.stderr, flush=True)

BaseManager.__init__ = init_elsewhere
BaseManager.start = start_and_tell
"#;

/// The documents' master and worker, re-created.
pub struct Scripts {
    folder: TempDir,
}

impl Scripts {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scripts = Self { folder };
        scripts.write("sitecustomize.py", AROUND);
        scripts.write(MASTER, include_str!("documents_master.py"));
        scripts.write(WORKER, include_str!("documents_worker.py"));
        scripts
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// With `TEST_PORT` instead of the program's own port.
    pub fn run(&self, python: &Path, name: &str, port: &str) -> Command {
        self.run_file(python, &self.folder.path().join(name), port)
    }

    /// The lesson's own master in Python.
    pub fn run_twin(&self, python: &Path, method: &str) -> Command {
        let script = "lessons/lesson14_distributed/task_master.py";
        let mut command = self.run_file(python, &root().join(script), "0");
        command.arg("127.0.0.1:0").env("START_METHOD", method);
        command
    }

    fn run_file(&self, python: &Path, file: &Path, port: &str) -> Command {
        let mut command = Command::new(python);
        command.arg("-u").arg(file);
        command.env("PYTHONPATH", self.folder.path());
        command.env("START_METHOD", "fork").env("TEST_PORT", port);
        command.env("LESSON_PACE", "0.02").env("LESSON_AUTHKEY", KEY);
        command
    }
}

pub const MASTER: &str = "task_master.py";
pub const WORKER: &str = "task_worker.py";

/// One CPython: what these scripts do is the same on all.
pub fn newest_python() -> PathBuf {
    let all = pythons();
    let newest =
        all.iter().find(|it| it.display().to_string().contains("3.13"));
    newest.or(all.last()).expect("at least one").clone()
}

/// Some lines of Python as a client of `address`: `m` is the connected manager,
/// `task` and `result` are the two queues.
pub fn client(python: &Path, address: &str, key: &str, code: &str) -> Command {
    let proxies = "task, result = m.get_task_queue(), m.get_result_queue()";
    bare_client(python, address, key, &format!("{proxies}\n{code}"))
}

/// The same without proxies.
fn bare_client(python: &Path, address: &str, key: &str, code: &str) -> Command {
    let port = port(address);
    let code = format!(
        "import os, queue, sys, threading, time
from multiprocessing.managers import BaseManager
class QueueManager(BaseManager): pass
for name in ['get_task_queue', 'get_result_queue', 'get_gone']:
    QueueManager.register(name)
m = QueueManager(address=('127.0.0.1', {port}), authkey=b'{key}')
m.connect()
{code}
print('fine', flush=True)
"
    );
    let mut command = Command::new(python);
    command.args(["-u", "-c", &code]);
    command
}

/// A client in the newest CPython.
pub fn script(address: &str, code: &str) -> Background {
    Background::start(&mut client(&newest_python(), address, KEY, code))
}

pub fn bare_script(address: &str, code: &str) -> Background {
    Background::start(&mut bare_client(&newest_python(), address, KEY, code))
}

#[track_caller]
pub fn assert_fine(script: Background) -> Run {
    let run = script.end();
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    run
}

/// Where a Python master listens.
pub fn address(master: &mut Background) -> String {
    let port = master.wait_for("port {port}");
    format!("127.0.0.1:{}", port.text("port"))
}

pub fn port(address: &str) -> &str {
    address.rsplit_once(':').expect("a host and a port").1
}
