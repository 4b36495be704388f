//! What the panic of an answer says in the verdict.

use std::any::Any;
use std::panic::{self, PanicHookInfo};
use std::sync::OnceLock;
use std::thread;

/// The first panic in an answer: where, and what it says.
static FIRST: OnceLock<(String, String)> = OnceLock::new();

/// Notes the first panic of an answer; prints none.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or("a panic");
        if let Some(place) = place_in_answer(info) {
            let _ = FIRST.set((place, message.into()));
        }
    }));
}

/// The file and the line, if that is an answer and not a check.
fn place_in_answer(info: &PanicHookInfo) -> Option<String> {
    let place = info.location()?;
    let path = place.file().replace('\\', "/");
    let folders = ["/src/lesson", "/solutions/lesson", "/wrong/lesson"];
    let start = folders.iter().find_map(|folder| path.rfind(folder))?;
    Some(format!("lessons/exercises{}:{}", &path[start..], place.line()))
}

/// One line for what went wrong, if anything did.
pub fn verdict(
    result: thread::Result<Result<(), String>>,
) -> Result<(), String> {
    let line = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(line)) => line,
        Err(panic) => message(&*panic),
    };
    Err(match FIRST.get() {
        None => line,
        Some((place, message)) if message.starts_with("not yet impl") => {
            format!("not solved yet: todo!() in {place}")
        }
        Some((place, message)) if line.is_empty() || line == *message => {
            format!("a panic in {place}: {message}")
        }
        Some((place, message)) => {
            format!("{line} (a panic in {place}: {message})")
        }
    }
    .replace('\n', " "))
}

/// What a panic says.
pub fn message(panic: &(dyn Any + Send)) -> String {
    match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => panic.downcast_ref::<&str>().unwrap_or(&"").to_string(),
    }
}
