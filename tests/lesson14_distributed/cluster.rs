//! The command `cluster`, and the servers that it starts.

use std::fs;
use std::net::TcpStream;

use harness::{Run, lesson};
use lesson14_distributed::farm::{Farm, JobSettings, Nats, Task};
use lesson14_distributed::servers::Servers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::engine::plan;
use super::processes::hold_all_shown;
use super::{RESULT, TRY};

const KILLS: &str = "cluster ({C}): server {i} leads; I kill it";

fn hold(run: &Run) {
    hold_all_shown(run, 40);
    run.before("cluster ({C}): three nats-servers {version}", TRY);
    let kill = run.one(KILLS).0;
    let results: Vec<_> = run.all(RESULT).into_iter().map(|it| it.0).collect();
    assert_eq!(results.iter().filter(|at| **at < kill).count(), 20);
    let stall = "cluster ({C}): after that no result came for {seconds} s";
    assert!(run.one(stall).1.number("seconds") >= 0.0);
    let last = "cluster ({C}): 40 results, each once: nothing is lost";
    run.before(stall, last);
    assert_eq!(run.one(last).0, run.lines.len() - 1);
    assert_eq!(run.all("{who} ({P}): worker exit.").len(), 4);
}

#[test]
#[ignore = "needs nats-server"]
fn nothing_is_lost_when_the_leading_server_is_killed() {
    hold(&lesson!().args(&["cluster"]).run());
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
    let program = lesson!().env("NATS_SERVER", "no-such-server").apart();
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
    let settings =
        JobSettings { lease: std::time::Duration::from_secs(60), replicas: 1 };
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
