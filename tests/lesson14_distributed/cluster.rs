//! The command `cluster`, and the servers that it starts.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use harness::{Run, lesson, root};
use lesson14_distributed::farm::{Farm, JobSettings, Nats, Task};
use lesson14_distributed::servers::Servers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::engine::{DEADLINE, plan};
use super::processes::hold_all_shown;
use super::{RESULT, TRY, processes};

const KILLS: &str = "cluster ({C}): server {i} leads; I kill it";

/// Beside other clusters on one machine it takes its time.
fn cluster(args: &[&str]) -> Run {
    let lesson = lesson!().args(&[&["cluster"], args].concat());
    lesson.deadline(DEADLINE).run()
}

fn hold(run: &Run, tasks: usize) {
    hold_all_shown(run, tasks);
    for (_, found) in run.all(RESULT) {
        let n = found.number("n");
        assert_eq!(found.number("square"), n * n);
    }
    run.before("cluster ({C}): three nats-servers {version}", TRY);
    let kill = run.one(KILLS).0;
    let results: Vec<_> = run.all(RESULT).into_iter().map(|it| it.0).collect();
    let before = results.iter().filter(|at| **at < kill).count();
    assert_eq!(before, tasks.div_ceil(2));
    let stall = "cluster ({C}): after that no result came for {seconds} s";
    assert!(run.one(stall).1.number("seconds") >= 0.0);
    let last = "cluster ({C}): {n} results, each once: nothing is lost";
    run.before(stall, last);
    let (at, found) = run.one(last);
    assert_eq!((at, found.number("n")), (run.lines.len() - 1, tasks as f64));
    assert_eq!(run.all("{who} ({P}): worker exit.").len(), 4);
}

#[test]
#[ignore = "needs nats-server"]
fn nothing_is_lost_when_the_leading_server_is_killed() {
    hold(&cluster(&[]), 40);
}

#[test]
#[ignore = "needs nats-server"]
fn few_tasks_are_enough_to_kill_a_server() {
    hold(&cluster(&["--tasks", "3"]), 3);
}

#[test]
fn the_recorded_cluster_holds() {
    let path = "book/transcripts/lesson14_distributed/cluster.txt";
    let text = fs::read_to_string(root().join(path)).expect("a transcript");
    let (_, said) = text.split_once('\n').expect("a command and its output");
    hold(&Run::from_text(said), 40);
}

#[test]
fn fewer_than_two_tasks_are_refused() {
    for tasks in ["0", "1", "-3", "many"] {
        let run = lesson!().args(&["cluster", "--tasks", tasks]).run();
        assert_eq!(run.code, Some(2));
        run.exact(&["{*}: cluster: {*}: not a number of tasks, two at the \
                     least{*}"]);
    }
}

/// A child, which ends when its input does.
fn child(args: &[&str]) -> Command {
    let mut command = processes::lesson(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

#[test]
fn a_child_that_fails_says_who_it_is() {
    for name in ["master", "worker-3"] {
        let nobody = ["--queue", "nats://127.0.0.1:1", "--job", "any"];
        let mut child = child(&["cluster_child", name]);
        let mut child = child.args(nobody).spawn().unwrap();
        let hold = child.stdin.take(); // Else `wait` would end it.
        let output = child.wait_with_output().unwrap();
        drop(hold);
        let said = String::from_utf8(output.stderr).unwrap();
        let no_server = "nats://127.0.0.1:1: no server there: {*}";
        let line = format!("{{*}}: {name} ({{P}}): {no_server}");
        Run::from_text(&said).exact(&[&line]);
    }
}

#[test]
fn a_keeper_that_nobody_hears_ends_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for heard in [0, 1] {
        let mut keeper = child(&["keeper", path]).spawn().unwrap();
        let mut says = BufReader::new(keeper.stdout.take().unwrap());
        let mut tells = keeper.stdin.take().unwrap();
        if heard == 1 {
            writeln!(tells).unwrap(); // The end of its configuration.
            says.read_line(&mut String::new()).unwrap();
        }
        drop(says);
        // A process that is just being started may have the pipe for a moment.
        while writeln!(tells).is_ok() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = keeper.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
#[ignore = "needs nats-server"]
fn nobody_is_left_when_the_cluster_is_killed() {
    for line in [TRY, KILLS] {
        lesson!().args(&["cluster"]).killed_at(line).run();
    }
}

#[test]
fn a_missing_server_is_named_with_its_package() {
    let program =
        lesson!().env("NATS_SERVER", "no-such-server").separate_stderr();
    let run = program.args(&["cluster"]).run();
    assert_eq!((run.code, run.errors.len()), (Some(2), 1));
    let error = Run { lines: run.errors, ..Run::default() };
    error.exact(&["{*}: cluster: there is no no-such-server on this \
                   machine; install it (on Debian: apt-get install \
                   nats-server)"]);
}

fn alive(pid: u32) -> bool {
    kill(Pid::from_raw(pid as i32), None).is_ok()
}

fn answers(servers: &Servers, i: usize) -> bool {
    TcpStream::connect(servers.address(i)).is_ok()
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_comes_back_with_its_port_and_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut servers = plan(1).folder(folder.path()).start().unwrap();
    let address = servers.url().parse().unwrap();
    let settings = JobSettings { lease: Duration::from_secs(60), replicas: 1 };
    let mut farm = Nats::create(&address, "kept", settings).unwrap();
    farm.put(&[Task { id: 1, body: 1.into() }]).unwrap();
    for stops in [Servers::kill, Servers::stop] {
        let pid = servers.pid(0).unwrap();
        stops(&mut servers, 0).unwrap();
        assert!(!alive(pid) && !answers(&servers, 0));
        servers.start(0).unwrap();
        assert_ne!(servers.pid(0), Some(pid));
        assert_eq!(farm.status().unwrap().waiting, 1);
    }
    let pid = servers.pid(0).unwrap();
    drop(servers);
    assert!(!alive(pid));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
#[ignore = "needs nats-server"]
fn a_keeper_that_is_asked_to_end_ends_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let servers = plan(1).folder(folder.path()).start().unwrap();
    let server = servers.pid(0).unwrap();
    let keeper = fs::read_to_string(format!("/proc/{server}/stat"));
    let Ok(keeper) = keeper else { return }; // Not Linux.
    let parent = keeper.rsplit(')').next().unwrap().split(' ').nth(2);
    let keeper = Pid::from_raw(parent.unwrap().parse().unwrap());
    kill(keeper, Signal::SIGTERM).unwrap();
    while alive(server) || fs::read_dir(folder.path()).unwrap().count() > 0 {
        std::thread::yield_now();
    }
}
