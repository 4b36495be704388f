//! What the system allows one process.

/// Raises the limit of open files if necessary. Returns how many of the wanted
/// ones are allowed.
#[cfg(unix)]
pub fn open_files(wanted: usize) -> std::io::Result<usize> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let files = Resource::RLIMIT_NOFILE;
    let (soft, hard) = getrlimit(files)?;
    let room = hard.min(wanted as u64);
    if soft < room {
        setrlimit(files, room, hard)?;
    }
    Ok(room as usize)
}

#[cfg(not(unix))]
pub fn open_files(wanted: usize) -> std::io::Result<usize> {
    Ok(wanted)
}

/// While it lives, this thread and all that it starts run on one core, on
/// Linux.
#[cfg(target_os = "linux")]
pub struct OneCore(nix::sched::CpuSet);

#[cfg(target_os = "linux")]
impl OneCore {
    pub fn choose() -> std::io::Result<Self> {
        use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};

        let before = sched_getaffinity(THIS_THREAD)?;
        let mut one = CpuSet::new();
        let is_allowed = |&core: &usize| before.is_set(core).unwrap_or(false);
        let core = (0..CpuSet::count()).find(is_allowed);
        one.set(core.expect("it runs on some core"))?;
        sched_setaffinity(THIS_THREAD, &one)?;
        Ok(Self(before))
    }
}

#[cfg(target_os = "linux")]
impl Drop for OneCore {
    fn drop(&mut self) {
        // It was allowed before.
        let _ = nix::sched::sched_setaffinity(THIS_THREAD, &self.0);
    }
}

#[cfg(target_os = "linux")]
const THIS_THREAD: nix::unistd::Pid = nix::unistd::Pid::from_raw(0);

#[cfg(not(target_os = "linux"))]
pub struct OneCore;

#[cfg(not(target_os = "linux"))]
impl OneCore {
    pub fn choose() -> std::io::Result<Self> {
        Ok(Self)
    }
}
