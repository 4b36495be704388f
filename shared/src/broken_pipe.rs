//! The end of a program that cannot print any more.

use std::io::{self, Write};
use std::sync::Once;
use std::{panic, process, thread};

/// Where `println!` panics because its reader has gone, as after `| head`, or
/// because the disk is full, ends this process instead, with status 1. It
/// reports that in one line, if it has a name.
pub(crate) fn install_broken_pipe_hook(name: Option<&'static str>) {
    static EXIT: Once = Once::new();
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        match message.strip_prefix("failed printing to stdout: ") {
            // A second thread waits here until the process has ended.
            Some(why) => EXIT.call_once(|| exit_on_write_error(name, why)),
            None => usual(info),
        }
    }));
}

fn exit_on_write_error(name: Option<&str>, why: &str) -> ! {
    if let Some(name) = name {
        let line = match why.starts_with("Broken pipe") {
            true => format!("{name}: the reader of its output has gone\n"),
            false => format!("{name}: it cannot print: {why}\n"),
        };
        // Standard error may be closed as well.
        let _ = io::stderr().write_all(line.as_bytes());
    }
    // `exit` drops the thread-local values of its caller, which may print as
    // well: so a new thread calls it, which has none.
    let exit = thread::Builder::new().spawn(|| process::exit(1));
    let _ = exit.map(|ends_all| ends_all.join());
    process::exit(1) // The thread could not be started.
}
