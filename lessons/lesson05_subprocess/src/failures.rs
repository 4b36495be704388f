//! What can go wrong with a child, and one clear line for each.

use std::error::Error;
use std::io;

use subprocess::Exec;

use crate::grandchild::set_child_subreaper;
use crate::status::describe_status;
use crate::timeout::{KillTarget, timeout};

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
    timeout(KillTarget::Child)?;
    timeout(KillTarget::Group)?;

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
// ANCHOR_END: failures
