//! A child that ends with its parent, however the parent ends.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{self, Child, ExitStatus, Stdio};
use std::thread;

use shared::{nap, timeline};

// ANCHOR: Daemon
/// A child as with `daemon=True`: it ends at the end of its scope.
struct Daemon(Child);

impl Daemon {
    fn start(seconds: &str) -> io::Result<Self> {
        let mut worker = shared::child("worker", [seconds])?;
        let mut daemon = Self(worker.stdin(Stdio::piped()).spawn()?);
        let pipe = daemon.0.stdin.as_mut().expect("it is piped");
        writeln!(pipe, "begin")?;
        Ok(daemon)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Neither can fail for a child that nobody has waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
        timeline::process_exited(self.0.id());
    }
}
// ANCHOR_END: Daemon

// ANCHOR: end_with_parent
/// Ends this process when its parent has ended: then nobody holds the other
/// end of the pipe that is its standard input.
pub fn end_with_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let me = process::id();
        timeline::process_exited(me);
        // It may be that nobody is left to read this.
        let _ = writeln!(io::stdout(), "worker ({me}) has lost its parent");
        process::exit(1);
    });
}
// ANCHOR_END: end_with_parent

// ANCHOR: parent
pub fn parent(args: &[String]) -> io::Result<()> {
    let way = args[0].as_str();
    timeline::lane(way);
    let _span = timeline::working("has a daemon child");
    #[cfg(unix)]
    crate::system::reset_sigint()?;
    let _worker = Daemon::start("60")?;
    io::stdin().read_line(&mut String::new())?; // Until it is time to end.
    if way == "panic" {
        panic!("the parent has had enough");
    }
    println!("【END】");
    Ok(())
}
// ANCHOR_END: parent

const WAYS: [&str; 4] = ["return", "panic", "Ctrl-C", "SIGKILL"];

// ANCHOR: daemon
pub fn daemon() -> io::Result<()> {
    #[cfg(unix)]
    crate::system::set_child_subreaper(true)?;
    for way in WAYS {
        let span = timeline::waiting("watches both");
        let mut parent = shared::child("parent", [way])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // Where a panic would be reported.
            .spawn()?;
        let output = parent.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().expect("the worker says that it starts")?;
        println!("{first}");
        nap(1.0);
        let code = end(&mut parent, way)?;
        // The worker holds the pipe as well: this ends when both have ended.
        for line in lines {
            let line = line?;
            println!("{line}");
            assert!(!line.contains("ends at"), "its work was cut short");
        }
        drop(span);
        println!("{way}: the parent ended with {code}, its child with it");
    }
    #[cfg(unix)]
    crate::system::reap_all()?;
    #[cfg(unix)]
    crate::system::set_child_subreaper(false)?;
    Ok(())
}

fn end(parent: &mut Child, way: &str) -> io::Result<i32> {
    match way {
        "Ctrl-C" => interrupt(parent)?,
        "SIGKILL" => parent.kill()?,
        _ => drop(parent.stdin.take()), // What the parent waits for.
    }
    let status = parent.wait()?;
    timeline::process_exited(parent.id());
    Ok(exit_code(status))
}
// ANCHOR_END: daemon

/// What Ctrl-C in a terminal does, to this process alone.
#[cfg(unix)]
fn interrupt(child: &Child) -> io::Result<()> {
    use nix::{sys::signal, unistd::Pid};
    let pid = Pid::from_raw(child.id() as i32);
    Ok(signal::kill(pid, signal::SIGINT)?)
}

#[cfg(not(unix))]
fn interrupt(child: &mut Child) -> io::Result<()> {
    println!(
        "Ctrl-C: only Unix can send it to one process; ended like SIGKILL"
    );
    child.kill()
}

/// The status as Python tells it: a signal is a negative number.
fn exit_code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|number| -number));
    code.expect("it has ended, by itself or by a signal")
}
