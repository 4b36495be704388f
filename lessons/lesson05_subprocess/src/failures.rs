//! What can go wrong with a child, and one clear line for each.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::process::{self, Command};

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use shared::clock::at_pace;
use shared::{nap, timeline};
use subprocess::unix::JobExt;
use subprocess::{Exec, ExecExt, ExitStatus, Job, Redirection};

// ANCHOR: failures
pub fn failures() -> Result<(), Box<dyn Error>> {
    match Exec::cmd("no_such_program").join() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("no_such_program: not found");
        }
        other => println!("no_such_program: {other:?}"),
    }
    for command in ["exit 3", "kill -9 $$"] {
        let status = Exec::shell(command).join()?;
        println!("sh -c '{command}': {}", describe_status(status));
    }
    set_child_subreaper()?;
    time_limit(KillTarget::Child)?;
    time_limit(KillTarget::Group)?;

    let output = Exec::cmd("printf").arg(r"caf\351").capture()?;
    match str::from_utf8(&output.stdout) {
        Ok(text) => println!("printf: {text}"),
        Err(error) => println!(
            "printf: not UTF-8 after {} bytes; the rest replaced: {}",
            error.valid_up_to(),
            output.stdout_str()
        ),
    }
    Ok(())
}

fn describe_status(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (_, Some(signal)) => match Signal::try_from(signal) {
            Ok(name) => format!("ended by signal {signal} ({name})"),
            Err(_) => format!("ended by signal {signal}"),
        },
        _ => "unknown status".into(),
    }
}
// ANCHOR_END: failures

/// Which process is killed when the time is up.
enum KillTarget {
    Child,
    Group,
}

// ANCHOR: time_limit
/// A child that has a child of its own, and one second of time.
fn time_limit(target: KillTarget) -> Result<(), Box<dyn Error>> {
    let child = exec(&shared::child("child", [""; 0])?)
        .stdin(Redirection::Pipe)
        .stdout(Redirection::Pipe);
    let (child, leads) = match target {
        KillTarget::Child => (child, ""),
        KillTarget::Group => (child.setpgid(), "leads a group and "),
    };
    let mut job = child.start()?;
    let output = job.stdout.take().expect("it is a pipe");
    let mut output = BufReader::new(output).lines();
    let grandchild = output.next().ok_or("the child said nothing")??;
    println!("child ({}) {leads}has a child ({grandchild})", job.pid());

    let waiting = timeline::waiting("one second");
    let in_time = job.wait_timeout(at_pace(1.0))?;
    drop(waiting);
    assert_eq!(in_time, None, "without a limit it would not end");
    match target {
        KillTarget::Child => job.kill()?,
        KillTarget::Group => job.send_signal_group(Signal::SIGKILL as i32)?,
    }
    println!(
        "child ({}): time is up, {}",
        job.pid(),
        describe_status(job.wait()?)
    );
    timeline::process_exited(job.pid());
    after_the_end(job, output, grandchild.parse()?)
}
// ANCHOR_END: time_limit

// ANCHOR: after_the_end
/// Asks through the pipes that both children had. The grandchild can answer,
/// if it lives; the end of file says that nobody is left.
fn after_the_end(
    mut job: Job,
    mut output: Lines<impl BufRead>,
    grandchild: i32,
) -> Result<(), Box<dyn Error>> {
    let mut question = job.stdin.take().expect("it is a pipe");
    let _ = question.write_all(b"Anybody there?\n"); // It may be broken.
    match output.next() {
        Some(answer) => {
            println!("{}", answer?);
            nap(0.5);
        }
        None => println!("grandchild ({grandchild}): gone as well"),
    }
    drop(question); // The end of its input is the end of the grandchild.
    let left = output.count();
    assert_eq!(left, 0, "one question, one answer");
    reap(grandchild)
}
// ANCHOR_END: after_the_end

/// The role of the child: has a child of its own and waits for it.
pub fn child(_: &[String]) -> io::Result<()> {
    let mut grandchild = shared::child("grandchild", [""; 0])?.spawn()?;
    println!("{}", grandchild.id());
    let _span = timeline::waiting("waits for its child");
    grandchild.wait()?;
    Ok(())
}

/// The role of the grandchild: works until its input ends, which is when the
/// parent lets go of the pipe, or is gone.
pub fn grandchild(_: &[String]) -> io::Result<()> {
    let _span = timeline::working("works");
    for question in io::stdin().lines() {
        question?;
        println!("grandchild ({}): still here", process::id());
    }
    Ok(())
}

/// A command of `std` for the crate `subprocess`.
fn exec(command: &Command) -> Exec {
    let variables = command.get_envs();
    Exec::cmd(command.get_program())
        .args(command.get_args())
        .env_extend(variables.filter_map(|(name, value)| Some((name, value?))))
}

/// Makes this process the one that adopts its orphans, as in lesson 0. Only
/// Linux has that; elsewhere they go to init.
fn set_child_subreaper() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

/// Collects an orphan that came to us.
fn reap(orphan: i32) -> Result<(), Box<dyn Error>> {
    match waitpid(Pid::from_raw(orphan), None) {
        Ok(_) | Err(Errno::ECHILD) => {} // Here, or by init.
        Err(error) => return Err(error.into()),
    }
    timeline::process_exited(orphan as u32);
    Ok(())
}
