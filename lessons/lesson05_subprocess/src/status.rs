//! How a child has ended, in words.

use nix::sys::signal::Signal;
use subprocess::ExitStatus;

// ANCHOR: describe_status
pub fn describe_status(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (_, Some(signal)) => match Signal::try_from(signal) {
            Ok(name) => format!("ended by signal {signal} ({name})"),
            Err(_) => format!("ended by signal {signal}"),
        },
        _ => "unknown status".into(),
    }
}
// ANCHOR_END: describe_status
