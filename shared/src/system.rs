//! The system calls that the standard library does not offer.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::time::SystemTime;

pub(crate) use cores::*;
#[cfg(unix)]
pub(crate) use unix::*;

/// A file for all processes of a lesson. On Unix it has no name, so nothing is
/// left behind, however they end.
pub(crate) fn unnamed_file() -> io::Result<File> {
    let nanos = SystemTime::UNIX_EPOCH.elapsed().map_err(io::Error::other)?;
    let name = format!("lesson-{}-{}", std::process::id(), nanos.as_nanos());
    let path = env::temp_dir().join(name);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // FILE_FLAG_DELETE_ON_CLOSE
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::custom_flags(
        &mut options,
        0x0400_0000,
    );
    let file = options.open(&path)?;
    if cfg!(unix) {
        fs::remove_file(&path)?;
    }
    Ok(file)
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, RawFd};

    pub(crate) fn descriptor(file: &impl AsRawFd) -> Option<RawFd> {
        Some(file.as_raw_fd())
    }

    /// The open file that the parent has left to this process.
    pub(crate) fn inherited_file(fd: RawFd) -> Option<File> {
        // SAFETY: `shared::child` has left this descriptor open for us, and
        // nothing else in this process uses it.
        #[expect(unsafe_code, reason = "an inherited file is only a number")]
        let file = unsafe { File::from_raw_fd(fd) };
        Some(file)
    }

    /// Lets children inherit an open file when they run another program.
    pub(crate) fn keep_open_in_children(file: &impl AsRawFd) -> io::Result<()> {
        // SAFETY: `file` is open, and the call changes only its flags.
        #[expect(unsafe_code, reason = "a system call")]
        check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0) })
    }

    /// The width of the terminal of this process, if it has one.
    pub(crate) fn terminal_columns() -> Option<usize> {
        let streams = [libc::STDOUT_FILENO, libc::STDERR_FILENO, 0];
        let columns = streams.map(|fd| {
            let mut size = libc::winsize {
                ws_row: 0,
                ws_col: 0,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            // SAFETY: the call writes one `winsize`, which outlives it; for
            // what is no terminal it writes nothing.
            #[expect(unsafe_code, reason = "a system call")]
            unsafe {
                libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size)
            };
            usize::from(size.ws_col)
        });
        columns.into_iter().find(|&columns| columns > 0)
    }

    pub(crate) fn process_cpu_seconds() -> f64 {
        seconds(libc::CLOCK_PROCESS_CPUTIME_ID)
    }

    pub(crate) fn thread_cpu_seconds() -> f64 {
        seconds(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// Raises the limit of open files. Returns how many are allowed then.
    pub(crate) fn allow_open_files(wanted: usize) -> io::Result<usize> {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the call writes one `rlimit`, which outlives it.
        #[expect(unsafe_code, reason = "a system call")]
        check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
        let allowed = limit.rlim_max.min(wanted as libc::rlim_t);
        if limit.rlim_cur < allowed {
            limit.rlim_cur = allowed;
            // SAFETY: the call reads one `rlimit`.
            #[expect(unsafe_code, reason = "a system call")]
            check(unsafe {
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit)
            })?;
        }
        Ok(allowed as usize)
    }

    pub(super) fn check(result: libc::c_int) -> io::Result<()> {
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn seconds(clock: libc::clockid_t) -> f64 {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call writes one `timespec`, which outlives it.
        #[expect(unsafe_code, reason = "a system call")]
        let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
        assert_eq!(result, 0, "every Unix has these clocks");
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    }
}

/// The cores of a thread, and how it is limited to some of them.
#[cfg(target_os = "linux")]
mod cores {
    use std::io;

    pub(crate) use libc::cpu_set_t as Cores;

    use super::unix::check;

    pub(crate) fn usable_cores() -> io::Result<Cores> {
        let mut cores = none();
        // SAFETY: the call writes one set of this size, which outlives it.
        #[expect(unsafe_code, reason = "a system call")]
        check(unsafe {
            libc::sched_getaffinity(0, size_of::<Cores>(), &raw mut cores)
        })?;
        Ok(cores)
    }

    pub(crate) fn use_cores(cores: &Cores) -> io::Result<()> {
        // SAFETY: the call reads one set of this size.
        #[expect(unsafe_code, reason = "a system call")]
        check(unsafe { libc::sched_setaffinity(0, size_of::<Cores>(), cores) })
    }

    /// The first of these cores.
    pub(crate) fn first_of(cores: &Cores) -> Cores {
        let mut one = none();
        // SAFETY: each number is less than the size of both sets.
        #[expect(unsafe_code, reason = "a set of bits")]
        unsafe {
            let mut all = 0..libc::CPU_SETSIZE as usize;
            let core = all.find(|&core| libc::CPU_ISSET(core, cores));
            libc::CPU_SET(core.expect("it runs on some core"), &mut one);
        }
        one
    }

    fn none() -> Cores {
        // SAFETY: a set of bits may have them all unset.
        #[expect(unsafe_code, reason = "a set of bits")]
        unsafe {
            std::mem::zeroed()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod cores {
    use std::io;

    pub(crate) struct Cores;

    pub(crate) fn usable_cores() -> io::Result<Cores> {
        Ok(Cores)
    }

    pub(crate) fn use_cores(_: &Cores) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn first_of(_: &Cores) -> Cores {
        Cores
    }
}

#[cfg(not(unix))]
pub(crate) fn allow_open_files(wanted: usize) -> io::Result<usize> {
    Ok(wanted)
}

#[cfg(not(unix))]
pub(crate) fn keep_open_in_children<T>(_: &T) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn descriptor<T>(_: &T) -> Option<i32> {
    None
}

#[cfg(not(unix))]
pub(crate) fn inherited_file(_: i32) -> Option<File> {
    None
}

#[cfg(not(unix))]
pub(crate) fn terminal_columns() -> Option<usize> {
    env::var("COLUMNS").ok()?.parse().ok().filter(|&columns| columns > 0)
}

#[cfg(not(unix))]
pub(crate) fn process_cpu_seconds() -> f64 {
    f64::NAN
}

#[cfg(not(unix))]
pub(crate) fn thread_cpu_seconds() -> f64 {
    f64::NAN
}
