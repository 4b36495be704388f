//! The program `nats-server`: where it is, and which version.

use std::error::Error;
use std::path::{self, Path};
use std::process::Command;
use std::{env, io};

pub(super) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// `$NATS_SERVER`, or the first on the path; Debian's is in `/usr/sbin`,
/// which few users have there.
pub(super) fn nats_server() -> Command {
    let name = env::var_os("NATS_SERVER").unwrap_or("nats-server".into());
    let program = Path::new(&name);
    if program.components().count() > 1 {
        // The server runs in another folder.
        return Command::new(path::absolute(program).unwrap_or_default());
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&folders).chain(["/usr/sbin".into()]);
    let found = folders.map(|it| it.join(program)).find(|it| it.is_file());
    Command::new(found.unwrap_or_else(|| program.into()))
}

/// Which `nats-server` there is: `2.9.10`.
///
/// # Errors
///
/// When there is none.
pub fn version() -> Result<String> {
    let output = match nats_server().arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let program = nats_server();
            let program = Path::new(program.get_program()).display();
            return Err(format!(
                "there is no {program} on this machine; install it \
                 (on Debian: apt-get install nats-server)"
            )
            .into());
        }
        Err(error) => return Err(error.into()),
    };
    let version = output.trim().strip_prefix("nats-server: v");
    Ok(version.ok_or("NATS_SERVER is no nats-server")?.into())
}

/// Whether this `version`, such as `2.9.10`, is at least `major.minor`.
///
/// ```
/// use nats_cluster::is_at_least;
///
/// assert!(is_at_least("2.10.26", 2, 10));
/// assert!(!is_at_least("2.9.10", 2, 10));
/// ```
pub fn is_at_least(version: &str, major: u32, minor: u32) -> bool {
    let numbers = version.split('.').map(str::parse);
    let numbers: Vec<u32> = numbers.map_while(|n| n.ok()).collect();
    numbers >= vec![major, minor]
}
