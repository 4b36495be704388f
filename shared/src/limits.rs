//! What the system allows one process: open files and cores.

use std::io;

use crate::system;

/// Raises the limit of open files if `wanted` exceeds it. Returns how many of
/// the wanted ones are allowed.
///
/// # Errors
///
/// When the system refuses to say or to change the limit.
///
/// ```
/// let allowed = shared::limits::allow_open_files(50)?;
/// assert!(allowed <= 50);
/// # Ok::<_, std::io::Error>(())
/// ```
pub fn allow_open_files(wanted: usize) -> io::Result<usize> {
    system::allow_open_files(wanted)
}

/// While it lives, the thread that made it, and all threads and processes that
/// this thread starts, run on one core, on Linux.
///
/// ```
/// # #[cfg(target_os = "linux")] {
/// let cores = || std::thread::available_parallelism().unwrap().get();
/// let before = cores();
/// let here = shared::limits::OneCore::choose()?;
/// assert_eq!(cores(), 1);
/// drop(here);
/// assert_eq!(cores(), before);
/// # }
/// # Ok::<_, std::io::Error>(())
/// ```
pub struct OneCore(system::Cores);

impl OneCore {
    /// Chooses one of the cores that this thread may use.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn choose() -> io::Result<Self> {
        let before = system::usable_cores()?;
        system::use_cores(&system::first_of(&before))?;
        Ok(Self(before))
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        // They were allowed before.
        let _ = system::use_cores(&self.0);
    }
}
