//! A child that ends with its parent: a guard, and a pipe.

use std::io::{self, Write};
use std::process::{self, Child, Stdio};
use std::thread;

use shared::timeline;

// ANCHOR: Daemon
/// A child as with `daemon=True`: it is killed at the end of its scope.
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
        // Neither fails for a child that was not waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
        timeline::process_exited(self.0.id());
    }
}
// ANCHOR_END: Daemon

// ANCHOR: end_with_parent
/// Exits this process when its parent has ended. The parent alone holds the
/// other end of the pipe that is the standard input of this process.
pub fn end_with_parent() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let me = process::id();
        timeline::process_exited(me);
        // The reader of this line may be gone too.
        let _ = writeln!(io::stdout(), "worker ({me}) has lost its parent");
        process::exit(1);
    });
}
// ANCHOR_END: end_with_parent

// ANCHOR: parent
/// The role of the parent: starts a daemon child, and ends in some way.
pub fn parent(args: &[String]) -> io::Result<()> {
    let way = args[0].as_str();
    timeline::lane(way);
    let _span = timeline::working("has a daemon child");
    #[cfg(unix)]
    crate::system::reset_sigint()?;
    let _worker = Daemon::start("60")?;
    io::stdin().read_line(&mut String::new())?; // Until the lesson lets it end.
    if way == "panic" {
        panic!("the parent has had enough");
    }
    println!("【END】");
    Ok(())
}
// ANCHOR_END: parent
