//! `fork`, as in lesson 0.

use nix::unistd::ForkResult;

/// Copies this process: returns twice, once in each.
pub fn fork() -> nix::Result<ForkResult> {
    // SAFETY: a check that forks runs in the only thread of its process, so no
    // lock is held by a thread that the child would lack.
    #[expect(unsafe_code, reason = "the system call of the exercise")]
    unsafe {
        nix::unistd::fork()
    }
}
