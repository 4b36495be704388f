//! The pid file: it names the daemon, and its lock keeps it unique.

use std::fs::{self, File, TryLockError};
use std::io::{self, Error, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::unistd::Pid;

/// Where a daemon keeps its files.
pub struct DaemonPaths {
    pub folder: PathBuf,
    pub pid_file: PathBuf,
    pub log: PathBuf,
}

impl DaemonPaths {
    /// The folder that the command line names: the daemon will work in `/`.
    pub fn from(args: &[String]) -> io::Result<Self> {
        let name = args.first().ok_or(Error::other("name a folder"))?;
        let folder = fs::canonicalize(name).map_err(|error| {
            Error::new(error.kind(), format!("{name}: {error}"))
        })?;
        let pid_file = folder.join("lesson02_daemon.pid");
        let log = folder.join("lesson02_daemon.log");
        Ok(Self { folder, pid_file, log })
    }

    /// The pid in the pid file.
    pub fn pid(&self) -> io::Result<Pid> {
        let text = fs::read_to_string(&self.pid_file)?;
        let pid = text.trim().parse().map(Pid::from_raw);
        pid.map_err(|_| Error::other("a daemon is just starting or ending"))
    }
}

// ANCHOR: lock
impl DaemonPaths {
    /// Creates the pid file and locks it. It stays locked until every process
    /// that has inherited it has ended. `None` if another process holds it.
    pub fn lock(&self) -> io::Result<Option<File>> {
        loop {
            let file = File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false) // It may be in use.
                .open(&self.pid_file)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // A daemon that has just ended may have removed the file that is
            // open here. Its lock would exclude no other process.
            let ours = file.metadata()?.ino();
            if fs::metadata(&self.pid_file).is_ok_and(|f| f.ino() == ours) {
                file.set_len(0)?;
                return Ok(Some(file));
            }
        }
    }

    /// The daemon that has the lock, and its pid file.
    pub fn running(&self) -> io::Result<(File, Pid)> {
        let none = || Error::new(ErrorKind::NotFound, "no daemon runs there");
        let file = File::open(&self.pid_file).map_err(|_| none())?;
        match file.try_lock_shared() {
            Ok(()) => Err(none()),
            Err(TryLockError::WouldBlock) => Ok((file, self.pid()?)),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
// ANCHOR_END: lock
