//! A child that starts a grandchild.

use std::error::Error;
use std::{io, process};

use nix::errno::Errno;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use shared::timeline;
use subprocess::{Exec, Redirection};

/// This program in the role `child`, as a command of the crate `subprocess`.
pub fn child_command() -> io::Result<Exec> {
    let command = shared::child("child", [""; 0])?;
    let variables = command.get_envs();
    Ok(Exec::cmd(command.get_program())
        .args(command.get_args())
        .env_extend(variables.filter_map(|(name, value)| Some((name, value?))))
        .stdin(Redirection::Pipe)
        .stdout(Redirection::Pipe))
}

/// The role of the child: starts a grandchild and waits for it.
pub fn child(_: &[String]) -> io::Result<()> {
    let mut grandchild = shared::child("grandchild", [""; 0])?.spawn()?;
    println!("{}", grandchild.id());
    let _span = timeline::waiting("waits for its child");
    grandchild.wait()?;
    Ok(())
}

/// The role of the grandchild: answers until its input ends, which is when the
/// parent closes the pipe or dies.
pub fn grandchild(_: &[String]) -> io::Result<()> {
    let _span = timeline::working("works");
    for question in io::stdin().lines() {
        question?;
        println!("grandchild ({}): still here", process::id());
    }
    Ok(())
}

/// Lets this process adopt orphans, as in lesson 0. Only Linux has that;
/// elsewhere init adopts them.
pub fn set_child_subreaper() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

/// Waits for an orphan that this process may have adopted.
pub fn reap(orphan: i32) -> Result<(), Box<dyn Error>> {
    match waitpid(Pid::from_raw(orphan), None) {
        Ok(_) | Err(Errno::ECHILD) => {} // Reaped here, or by init.
        Err(error) => return Err(error.into()),
    }
    timeline::process_exited(orphan as u32);
    Ok(())
}
