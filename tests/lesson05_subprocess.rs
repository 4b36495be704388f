//! What lesson 5 and its Python twin must show.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use harness::{PartCheck, Run, lesson, twin};
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE,
    ResourceRecord, TYPE,
};

const PARTS: [PartCheck; 5] = [
    ("call", call),
    ("nslookup", nslookup),
    ("communicate", communicate),
    ("pipeline", pipeline),
    ("failures", failures),
];

fn call(run: &Run) {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let files = fs::read_dir(sources).expect("they are there").flatten();
    let files: BTreeSet<_> = files
        .map(|file| file.file_name().into_string().expect("plain letters"))
        .collect();
    let mut lines = vec!["$ ls ."];
    lines.extend(files.iter().map(String::as_str));
    let failed = "Exit code: {failed}";
    let sorry = "{*}no_such_file{*}:{*}"; // In the reader's language.
    lines.extend(["Exit code: 0", "$ ls no_such_file", sorry, failed]);
    let code = run.exact(&lines).number("failed");
    let real = Command::new("ls").arg("no_such_file").output();
    let real = real.expect("every Unix has ls").status.code();
    assert_eq!(real, Some(code as i32), "what ls itself says");
}

fn nslookup(run: &Run) {
    run.exact(&[
        "$ nslookup www.python.org",
        "Server:\t\t127.0.0.1",
        "Address:\t127.0.0.1#{port}",
        "",
        "Non-authoritative answer:",
        "www.python.org\tcanonical name = python.map.fastly.net.",
        "Name:\tpython.map.fastly.net",
        "Address: 199.27.79.223",
        "",
        "Exit code: 0",
    ])
    .number("port");
}

fn communicate(run: &Run) {
    let (last, _) = run.one("Exit code: 0");
    let session = Run { lines: run.lines[..=last].into(), ..Run::default() };
    session.exact(&[
        "$ nslookup",
        "Server:\t\t127.0.0.1",
        "Address:\t127.0.0.1#{port}",
        "",
        "Non-authoritative answer:",
        "python.org\tmail exchanger = 50 mail.python.org.",
        "",
        "Authoritative answers can be found from:",
        "mail.python.org\tinternet address = 82.94.164.166",
        "mail.python.org\thas AAAA address 2001:888:2000:d::a6",
        "",
        "",
        "Error: ",
        "Exit code: 0",
    ]);
    megabytes(&run.lines[last + 1..]);
}

/// The two lines after the session.
fn megabytes(lines: &[String]) {
    let run = Run { lines: lines.into(), ..Run::default() };
    let found = run.exact(&[
        "Written before read: stuck after {n} of 8388608 bytes",
        "Both at once: wrote 8388608, \
         read 8388608 from stdout and 8388608 from stderr",
    ]);
    assert!(found.number("n") < 8_388_608.0, "it never gets through");
}

fn pipeline(run: &Run) {
    run.exact(&[
        "$ sort | grep A | wc -l: 2 lines",
        "Exit codes: 0, 0, 0",
        "$ sort | grep X | wc -l: 0 lines",
        "Exit codes: 0, 1, 0",
        "sh: Hello from /",
        "sort, file to file: Ada, Alan, Barbara, Grace",
    ]);
}

fn failures(run: &Run) {
    let found = run.exact(&[
        "no_such_program: not found",
        "sh -c 'exit 3': exit code 3",
        "sh -c 'kill -9 $$': {*}ended by signal 9 (SIGKILL)",
        "child ({C1}) has a child ({G1})",
        "child ({C1}): timeout, {*}ended by signal 9 (SIGKILL)",
        "grandchild ({G1}): still here",
        "child ({C2}) leads a group and has a child ({G2})",
        "child ({C2}): timeout, {*}ended by signal 9 (SIGKILL)",
        "grandchild ({G2}): gone as well",
        "printf: not UTF-8 after 3 bytes; the rest replaced: caf\u{FFFD}",
    ]);
    let pids = ["C1", "G1", "C2", "G2"].map(|pid| found.text(pid));
    assert_eq!(BTreeSet::from(pids).len(), 4, "four processes: {pids:?}");
}

/// The role `responder`, until it is dropped.
struct Responder {
    child: Child,
    port: u16,
}

impl Responder {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lesson05_subprocess"))
            .arg("responder")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was just built");
        let stdout = child.stdout.take().expect("it is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("one line");
        let port = line.trim_end().strip_prefix("port ");
        let port = port.and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no port: {line:?}"));
        Self { child, port }
    }

    /// Sends a packet, and waits for the reply.
    fn ask(&self, packet: &[u8]) -> Option<Vec<u8>> {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let patience = Some(Duration::from_secs(30));
        socket.set_read_timeout(patience).expect("it is not zero");
        socket.send_to(packet, ("127.0.0.1", self.port)).expect("sent");
        let mut reply = [0; 512];
        let length = socket.recv(&mut reply).ok()?;
        Some(reply[..length].into())
    }

    /// The code of the reply, and the types of its answers and of its
    /// additional records.
    fn look_up(&self, name: &str, kind: TYPE) -> (RCODE, Vec<TYPE>, Vec<TYPE>) {
        let mut query = Packet::new_query(77);
        let name = Name::new(name).expect("a name");
        let kind = QTYPE::TYPE(kind);
        let class = QCLASS::CLASS(CLASS::IN);
        query.questions.push(Question::new(name, kind, class, false));
        let query = query.build_bytes_vec().expect("a packet");
        let reply = self.ask(&query).expect("a reply");
        let reply = Packet::parse(&reply).expect("a packet");
        assert_eq!(reply.id(), 77);
        assert!(!reply.has_flags(PacketFlag::AUTHORITATIVE_ANSWER));
        let types = |records: &[ResourceRecord]| {
            records.iter().map(|record| record.rdata.type_code()).collect()
        };
        let answers = types(&reply.answers);
        (reply.rcode(), answers, types(&reply.additional_records))
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // That is what ends it.
        let status = self.child.wait().expect("our own child");
        assert!(status.success(), "{status}");
    }
}

/// Whether there is an `nslookup`. If not, one line says what is skipped.
fn has_nslookup(test: &str) -> bool {
    let found = Command::new("nslookup").arg("-version").output().is_ok();
    if !found {
        // `print!` is captured; this is for the reader of every run.
        let _ = writeln!(io::stderr(), "skipped, no nslookup: {test}");
    }
    found
}

/// Repeats its input, prints an error and fails.
const ECHO: &str = "#!/bin/sh\ncat\necho oops >&2\nexit 3\n";

/// A folder with this script as `nslookup`, and a `PATH` that begins with it.
fn stand_in(script: &str) -> (tempfile::TempDir, OsString) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("nslookup");
    fs::write(&file, script).expect("it is ours");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&file, executable).expect("it is ours");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [folder.path().to_owned()].into_iter();
    let path = env::join_paths(folders.chain(env::split_paths(&path)));
    (folder, path.expect("folders without a colon"))
}

#[test]
fn ls_shows_the_sources_and_its_own_exit_codes() {
    call(&lesson!().part("call"));
}

#[test]
fn the_responder_knows_what_the_documents_saw() {
    let responder = Responder::start();
    let knows = |name, kind| responder.look_up(name, kind);
    let found = |types: &[TYPE]| (RCODE::NoError, types.to_vec(), vec![]);
    let both = found(&[TYPE::CNAME, TYPE::A]);
    assert_eq!(knows("www.python.org", TYPE::A), both);
    assert_eq!(knows("WWW.Python.ORG", TYPE::A), both, "in any case");
    assert_eq!(knows("www.python.org", TYPE::AAAA), found(&[TYPE::CNAME]));
    let exchange = vec![TYPE::A, TYPE::AAAA];
    let mail = (RCODE::NoError, vec![TYPE::MX], exchange);
    assert_eq!(knows("python.org", TYPE::MX), mail);
    assert_eq!(knows("python.org", TYPE::A), found(&[]));
    assert_eq!(knows("mail.python.org", TYPE::AAAA), found(&[TYPE::AAAA]));
    let unknown = (RCODE::NameError, vec![], vec![]);
    assert_eq!(knows("rust-lang.org", TYPE::A), unknown);
}

#[test]
fn the_responder_lives_on_after_nonsense() {
    let responder = Responder::start();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for nonsense in [&b""[..], b"nonsense", &[0; 12], &[255; 512]] {
        let sent = socket.send_to(nonsense, ("127.0.0.1", responder.port));
        sent.expect("sent");
    }
    let (code, _, _) = responder.look_up("python.org", TYPE::MX);
    assert_eq!(code, RCODE::NoError);
}

#[test]
fn nslookup_prints_the_documented_addresses() {
    if !has_nslookup("nslookup_prints_the_documented_addresses") {
        return;
    }
    nslookup(&lesson!().part("nslookup"));
}

#[test]
fn another_server_may_be_asked() {
    if !has_nslookup("another_server_may_be_asked") {
        return;
    }
    let responder = Responder::start();
    let server = format!("127.0.0.1:{}", responder.port);
    let run = lesson!().args(&["nslookup", "--server", &server]).run();
    nslookup(&run);
    run.one(&format!("Address:\t127.0.0.1#{}", responder.port));
}

#[test]
fn the_server_system_is_that_of_the_machine() {
    let script = "#!/bin/sh\necho \"arguments: $*\"\n";
    let (_folder, path) = stand_in(script);
    let lesson = lesson!().env("PATH", path);
    let system = ["nslookup", "--server", "system"];
    let run = lesson.clone().args(&system).run();
    run.one("arguments: www.python.org");
    let system = ["communicate", "--server", "system"];
    lesson.clone().args(&system).run().one("arguments: -");
    let other = ["nslookup", "--server", "::1"];
    lesson.args(&other).run().one("arguments: www.python.org ::1");
}

#[test]
fn without_a_server_nslookup_fails_and_not_the_lesson() {
    if !has_nslookup("without_a_server_nslookup_fails_and_not_the_lesson") {
        return;
    }
    // No server is at that port, so the kernel refuses at once.
    let run = lesson!().args(&["nslookup", "--server", "127.0.0.1:1"]).run();
    assert_eq!(run.code, Some(0), "the lesson itself continues");
    assert_eq!(run.lines[0], "$ nslookup www.python.org");
    run.one(";; no servers could be reached");
    assert_eq!(run.lines.last().expect("the code"), "Exit code: 1");
}

#[test]
fn without_nslookup_one_line_says_what_to_install() {
    for part in ["nslookup", "communicate"] {
        let lesson = lesson!().separate_stderr().env("PATH", "/no/such/folder");
        let run = lesson.args(&[part]).run();
        assert_eq!(run.code, Some(2));
        assert_eq!(run.errors.len(), 1, "{:?}", run.errors);
        let begin =
            format!("lesson05_subprocess: {part}: there is no nslookup");
        assert!(run.errors[0].starts_with(&begin), "{:?}", run.errors);
        assert!(run.errors[0].contains("apt-get install bind9-dnsutils"));
    }
}

#[test]
fn nslookup_prints_the_documented_mail_exchanger() {
    if !has_nslookup("nslookup_prints_the_documented_mail_exchanger") {
        return;
    }
    communicate(&lesson!().part("communicate"));
}

#[test]
fn input_goes_in_and_output_errors_and_code_come_out() {
    let (_folder, path) = stand_in(ECHO);
    // Slower than usual: a busy machine must not look like a deadlock.
    let run = lesson!().env("PATH", path).pace(0.2).part("communicate");
    let lines = ["$ nslookup", "set q=mx", "python.org", "exit", ""];
    assert_eq!(run.lines[..5], lines);
    assert_eq!(run.lines[5..8], ["Error: oops", "", "Exit code: 3"]);
    megabytes(&run.lines[8..]);
    assert!(run.seconds >= 0.19, "stuck for a whole second");
}

#[test]
fn each_command_of_a_pipeline_has_its_exit_code() {
    pipeline(&lesson!().part("pipeline"));
}

#[test]
fn the_timeout_ends_the_whole_group() {
    // Not at the tests' pace: on a busy machine the rest takes a while, too.
    let run = lesson!().pace(0.5).part("failures");
    failures(&run);
    assert!(run.seconds >= 1.2, "two timeouts, and half a second");
}

#[test]
fn a_signal_is_no_exit_code() {
    let run = lesson!().part("failures");
    run.one("sh -c 'kill -9 $$': ended by signal 9 (SIGKILL)");
    let codes: Vec<_> = run.all("{*}exit code {n}");
    assert_eq!(codes.len(), 1, "only that of exit 3");
    assert_eq!(codes[0].1.number("n"), 3.0);
}

#[test]
fn children_end_when_the_lesson_is_killed() {
    let lesson = lesson!().pace(1.0);
    for family in [
        "child ({*}) has a child ({*})",
        "grandchild ({*}): still here",
        "child ({*}) leads a group and has a child ({*})",
    ] {
        let failures = lesson.clone().args(&["failures"]);
        let run = failures.killed_at(family).run();
        assert_eq!(run.code, None, "killed");
    }
    let (_folder, path) = stand_in(ECHO);
    let stuck = lesson.env("PATH", path).args(&["communicate"]);
    stuck.killed_at("Exit code: 3").run();
}

/// `tests/run` leaves these out by the name of the module.
mod nslookup {
    use super::*;

    harness::lesson_tests!(
        lesson!(),
        twin!(),
        PARTS,
        ignore = "needs nslookup"
    );
}
