//! A master and workers as a user starts them: keys, ports, and options.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::{Background, Run};
use pymanagers::frame::write_frame;
use pymanagers::{Key, Server};

pub const LESSON: &str = env!("CARGO_BIN_EXE_lesson14_distributed");
pub const KEY: &str = "abc";

pub fn lesson(args: &[&str]) -> Command {
    let mut command = Command::new(LESSON);
    command.args(args).env("LESSON_PACE", "0.05");
    command.env("LESSON_AUTHKEY", KEY);
    command.env("MALLOC_ARENA_MAX", "1"); // See `Memory::reserved`.
    command
}

/// The most memory that a process has had so far, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    pub resident: i64,
    /// Whether it is used or not, but for what the allocator itself keeps
    /// ready for each thread.
    pub reserved: i64,
}

impl Memory {
    pub fn of(process: &Background) -> Self {
        let status = format!("/proc/{}/status", process.pid());
        let status = std::fs::read_to_string(status).unwrap();
        let of = |name: &str| {
            let mut lines = status.lines();
            let line = lines.find_map(|line| line.strip_prefix(name));
            let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
            kilobytes.parse::<i64>().unwrap() << 10
        };
        Self { resident: of("VmHWM:"), reserved: of("VmPeak:") }
    }
}

/// A master on a free port, once it has put its tasks; and its address.
pub fn master(args: &[&str]) -> (Background, String) {
    master_at("127.0.0.1:0", args)
}

pub fn master_at(address: &str, args: &[&str]) -> (Background, String) {
    let mut command = lesson(&["master", "--listen", address]);
    let mut master = Background::start(command.args(args));
    let found = master.wait_for("master ({M}): listens on {address}");
    let address = found.text("address").to_string();
    master.wait_for("master ({M}): Try get results...");
    (master, address)
}

pub fn worker(address: &str, args: &[&str]) -> Background {
    let mut command = lesson(&["worker", "--connect", address]);
    Background::start(command.args(args))
}

/// All results came, each once, and the master has left in peace.
#[track_caller]
pub fn assert_all_results(run: &Run, tasks: usize) {
    assert_all_shown(run, tasks);
    run.one(&format!("master ({{M}}): tasks: {tasks}, workers seen: {{*}}"));
}

/// The same, but another master may have put more.
#[track_caller]
pub fn assert_all_shown(run: &Run, tasks: usize) {
    assert_eq!(run.code, Some(0), "{:#?}", run.lines);
    let puts = super::numbers(run, "master ({M}): Put task {n}...");
    let results = super::numbers(run, super::RESULT);
    assert_eq!(puts.len(), tasks);
    assert_eq!(super::sorted(&results), super::sorted(&puts));
}

pub fn given_out_again(run: &Run) -> f64 {
    let summary = run.one("{*}given out again: {again}, results {*}");
    summary.1.number("again")
}

/// It has failed, and its last line says why.
#[track_caller]
pub fn assert_failure(run: Run, template: &str) {
    assert_eq!(run.code, Some(1), "{:#?}", run.lines);
    let last = Run { lines: run.lines[run.lines.len() - 1..].into(), ..run };
    last.exact(&[template]);
}

#[test]
fn one_worker_brings_results_in_the_order_of_the_tasks() {
    let (master, address) = master(&["--seed", "1"]);
    let worker = worker(&address, &[]).end();
    let run = master.end();
    assert_all_results(&run, 10);
    let puts = super::numbers(&run, "master ({M}): Put task {n}...");
    assert_eq!(super::numbers(&run, super::RESULT), puts);
    assert_eq!(super::numbers(&worker, super::RUN), puts);
    assert_eq!(worker.code, Some(0));
}

#[test]
fn the_same_seed_gives_the_same_tasks() {
    let tasks = || {
        let (master, address) = master(&["--seed", "7", "--tasks", "3"]);
        worker(&address, &["--delay", "0"]).end();
        super::numbers(&master.end(), "master ({M}): Put task {n}...")
    };
    assert_eq!(tasks(), tasks());
}

#[test]
fn a_wrong_key_is_refused_and_the_master_keeps_serving() {
    let (mut master, address) = master(&[]);
    let wrong = worker(&address, &["--authkey", "wrong"]);
    assert_failure(wrong.end(), "{*}: worker: digest sent was rejected");
    master.wait_for("master ({M}): {peer}: digest received was wrong");
    worker(&address, &["--delay", "0"]);
    worker(&address, &["--delay", "0"]).end();
    assert_all_results(&master.end(), 10);
}

#[test]
fn a_missing_master_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let run = worker(&address, &[]).end();
    assert_failure(run, "{*}: worker: {address}: Connection refused {*}");
}

#[test]
fn what_many_workers_say_at_once_is_whole() {
    let script = "for i in 1 2 3 4 5 6 7 8; do $0 $@ & done; wait";
    let args = ["-c", script, LESSON, "worker", "--connect", "127.0.0.1:1"];
    for _ in 0..10 {
        let run = Background::start(
            Command::new("sh").args(args).env("LESSON_AUTHKEY", KEY),
        );
        let run = run.end();
        let refused = "lesson14_distributed: worker: {*}:1: Connection {*}";
        let greeted = "worker ({P}): Connect to server 127.0.0.1:1...";
        assert_eq!(run.all(refused).len(), 8, "{:#?}", run.lines);
        assert_eq!(run.all(greeted).len(), 8, "{:#?}", run.lines);
    }
}

#[test]
fn a_master_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let began = Instant::now();
    let run = worker(&address, &[]).end();
    assert_failure(run, "{*}: worker: {address}: handshake timed out");
    assert!(began.elapsed() >= Duration::from_secs(5));
}

#[test]
fn a_master_that_does_not_know_the_key_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let worker = worker(&address, &[]);
    let (mut stream, _) = listener.accept().unwrap();
    let challenge = [&b"#CHALLENGE#"[..], &[7; 20]].concat();
    for says in [&challenge[..], b"#WELCOME#", &[0; 16]] {
        write_frame(&mut stream, says).unwrap();
    }
    assert_failure(worker.end(), "{*}: worker: digest received was wrong");
}

#[test]
fn a_master_without_the_queues_is_refused() {
    let server = Server::bind("127.0.0.1:0", &Key::from(KEY)).unwrap();
    let serving = server.start().unwrap();
    let run = worker(&serving.address().to_string(), &[]).end();
    let unknown = "{*}: worker: the server does not know 'get_task_queue'";
    assert_failure(run, unknown);
}

#[test]
fn a_port_in_use_is_named() {
    let (first, address) = master(&[]);
    let mut second = lesson(&["master", "--listen", &address]);
    let run = Background::start(&mut second).end();
    assert_eq!(run.lines.len(), 1);
    assert_failure(run, "{*}: master: {address}: Address already in use {*}");
    worker(&address, &["--delay", "0"]).end();
    assert_all_results(&first.end(), 10);
}

#[test]
fn a_master_needs_a_key() {
    for address in ["0.0.0.0:0", "127.0.0.1:0"] {
        for key in [None, Some("")] {
            let mut command = lesson(&["master", "--listen", address]);
            command.env_remove("LESSON_AUTHKEY");
            command.args(key.map(|key| ["--authkey", key]).iter().flatten());
            let run = Background::start(&mut command).end();
            let why = "is open to other programs: it needs a key {*}";
            assert_failure(run, &format!("{{*}}: master: {address} {why}"));
        }
    }
}

#[test]
fn a_short_key_is_warned_of_where_other_machines_reach() {
    let args = ["--tasks", "0", "--authkey"];
    let warnings = |address, key| {
        let mut command = lesson(&["master", "--listen", address]);
        let run = Background::start(command.args(args).arg(key)).end();
        assert_eq!(run.code, Some(0), "{:#?}", run.lines);
        run.all(
            "master ({M}): warning: {address} is open to other machines, and \
             a key of 1 bytes can be guessed: {*}",
        )
        .len()
    };
    assert_eq!(warnings("0.0.0.0:0", "a"), 1);
    assert_eq!(warnings("0.0.0.0:0", "a key of 32 bytes, not guessable"), 0);
    assert_eq!(warnings("127.0.0.1:0", "a"), 0);
}

#[test]
fn the_key_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let (master, address) = master(&["--tasks", "1"]);
    let file = file.to_str().unwrap();
    let args = ["--authkey-file", file, "--delay", "0"];
    let mut command = lesson(&["worker", "--connect", &address]);
    command.env("LESSON_AUTHKEY", "wrong").args(args);
    assert_eq!(Background::start(&mut command).end().code, Some(0));
    assert_all_results(&master.end(), 1);
}

/// CPython's default key is 32 random bytes. The last one may be a line's end,
/// and belongs to the key, as the key is no text.
#[test]
#[cfg(unix)]
fn a_key_may_be_bytes_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let key = b"\xff of 32 bytes, the last is: \r\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, key).unwrap();
    let file = file.to_str().unwrap();
    let args = ["--tasks", "1", "--authkey-file", file];
    let (master, address) = master(&args);
    let mut command = lesson(&["worker", "--connect", &address]);
    command.env("LESSON_AUTHKEY", std::ffi::OsStr::from_bytes(key));
    assert_eq!(Background::start(&mut command).end().code, Some(0));
    assert_all_results(&master.end(), 1);
    let mut command = lesson(&["worker", "--authkey-file", "/no/such/file"]);
    let run = Background::start(&mut command).end();
    assert_failure(run, "{*}: worker: /no/such/file: No such file {*}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        &["master", "--lisen", "127.0.0.1:0"][..],
        &["master", "--tasks", "many"],
        &["master", "--lease", "-1"],
        &["worker", "--delay"],
        &["worker", "now"],
    ] {
        let run = Background::start(&mut lesson(args)).end();
        assert_eq!((run.code, run.lines.len()), (Some(2), 1), "{args:?}");
    }
}

#[test]
fn what_no_engine_can_do_is_refused_at_once() {
    let long = "x".repeat(201);
    let queue = ["master", "--queue", "nats://127.0.0.1:1"];
    let servers = "--replicas {n}: not a number from 1 to 5 {*}";
    for (args, why) in [
        (["--job", "any", "--lease", "0"], "--lease 0: with --queue{*}"),
        (["--job", "any", "--replicas", "0"], servers),
        (["--job", "any", "--replicas", "6"], servers),
        (
            ["--job", &long, "--tasks", "1"],
            "--job: {*} 200 letters at the most{*}",
        ),
    ] {
        let mut command = lesson(&queue);
        let run = Background::start(command.args(args)).end();
        assert_eq!((run.code, run.lines.len()), (Some(2), 1), "{args:?}");
        run.one(&format!("{{*}}: master: {why}"));
    }
}

#[test]
#[cfg(not(feature = "nats"))]
fn without_the_engine_one_line_says_what_to_build() {
    let queue = ["--queue", "nats://127.0.0.1:4222", "--job", "any"];
    for role in ["master", "worker", "status", "clear"] {
        let mut command = lesson(&[role]);
        command.args(queue);
        let run = Background::start(&mut command).end();
        assert_eq!((run.code, run.lines.len()), (Some(2), 1), "{role}");
        run.one(&format!("{{*}}: {role}: {{*}}--features nats{{*}}"));
    }
}
