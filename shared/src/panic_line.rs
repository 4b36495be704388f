//! One line for a panic.

use std::panic::{self, PanicHookInfo};
use std::{env, thread};

/// A panic is part of what some lessons show, so it prints one line, as on the
/// page: the message without a backtrace. `RUST_BACKTRACE=full` brings back the
/// report of the standard library.
pub(crate) fn install_one_line_panic_hook() {
    if env::var_os("RUST_BACKTRACE").is_none_or(|value| value != "full") {
        panic::set_hook(Box::new(|info| eprint!("{}", line(info))));
    }
}

fn line(info: &PanicHookInfo) -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("without a name");
    let message = info.payload_as_str().unwrap_or("no message");
    match info.location() {
        Some(at) => format!("thread '{name}' panicked at {at}: {message}\n"),
        None => format!("thread '{name}' panicked: {message}\n"),
    }
}
