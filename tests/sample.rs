//! A lesson that misbehaves, part by part, so that the harness can be seen to
//! notice. It is no lesson of the course.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use std::{env, fs, io, thread};

use nix::sys::signal::{SigSet, Signal};
use shared::{Lesson, nap, timeline};

fn main() -> ExitCode {
    Lesson::new("sample", "A lesson that misbehaves")
        .part("good", "says three lines", good)
        .part("last_words", "five threads say all they can", last_words)
        .part("hangs", "never ends", hangs)
        .part("fails", "returns an error", || Err::<(), _>("no luck"))
        .part("leaves_a_child", "does not wait for it", leaves_a_child)
        .part("leaves_a_zombie", "nor for one that ended", leaves_a_zombie)
        .part("leaves_a_daemon", "in a session of its own", leaves_a_daemon)
        .part("leaves_a_file", "in the temporary folder", leaves_a_file)
        .part("children", "two children work side by side", children)
        .part("in_turn", "one child after the other", in_turn)
        .role("worker", worker)
        .role("sleeper", |_| sleep_long())
        .role("nothing", |_| ())
        .run()
}

fn good() {
    println!("Process ({}) start...", std::process::id());
    println!("Thread-1 says 1");
    eprintln!("sample: a line on standard error");
}

thread_local! {
    static LAST_WORDS: LastWords = const { LastWords };
}

struct LastWords;

impl Drop for LastWords {
    fn drop(&mut self) {
        println!("sample has said its last word");
    }
}

fn last_words() {
    let say = || {
        LAST_WORDS.with(|_| ());
        loop {
            println!("sample says a word");
        }
    };
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(say);
        }
        say();
    });
}

fn hangs() {
    println!("sample waits forever");
    sleep_long();
}

fn sleep_long() {
    thread::sleep(Duration::from_secs(600));
}

fn silent(mut child: Command) -> Command {
    child.stdout(Stdio::null()).stderr(Stdio::null());
    child
}

fn leaves_a_child() -> io::Result<()> {
    silent(shared::child("sleeper", [""; 0])?).spawn()?;
    Ok(())
}

fn leaves_a_zombie() -> io::Result<()> {
    let child_ended = SigSet::from(Signal::SIGCHLD);
    child_ended.thread_block()?; // Keeps the signal until we wait for it.
    silent(shared::child("nothing", [""; 0])?).spawn()?;
    child_ended.wait()?;
    Ok(())
}

fn leaves_a_daemon() -> io::Result<()> {
    let sleeper = silent(shared::child("sleeper", [""; 0])?);
    let mut daemon = Command::new("setsid");
    daemon.arg(sleeper.get_program()).args(sleeper.get_args());
    silent(daemon).spawn()?;
    Ok(())
}

fn leaves_a_file() -> io::Result<()> {
    fs::write(env::temp_dir().join("left"), "left")
}

fn children() -> io::Result<()> {
    timeline::lane("parent");
    let _waiting = timeline::waiting("waits for both");
    let start = |name| shared::child("worker", [name])?.spawn();
    let children = [start("one")?, start("two")?];
    for mut child in children {
        assert!(child.wait()?.success());
    }
    Ok(())
}

fn in_turn() -> io::Result<()> {
    timeline::lane("parent");
    let _waiting = timeline::waiting("waits for both");
    for name in ["one", "two"] {
        assert!(shared::child("worker", [name])?.status()?.success());
    }
    Ok(())
}

fn worker(args: &[String]) {
    timeline::lane(&args[0]);
    let _working = timeline::working("works");
    println!("{} begins", args[0]);
    nap(10.0);
    println!("{} ends", args[0]);
}
