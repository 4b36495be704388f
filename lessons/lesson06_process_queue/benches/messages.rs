//! Messages a second between two processes, and the time to start one: ours
//! beside CPython's, in one run.
//!
//! Run: `cargo bench -p lesson06_process_queue`

#[cfg(unix)]
mod carriers;
#[cfg(unix)]
#[expect(dead_code, reason = "one end of each is enough here")]
#[path = "../src/queue.rs"]
mod queue;
#[cfg(unix)]
mod ring;

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use std::env;
    let args: Vec<_> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("nothing") => Ok(()),
        Some("send") => carriers::send(&args[1..]),
        _ => carriers::compare(),
    }
}

#[cfg(not(unix))]
fn main() {
    println!("lesson06_process_queue: this benchmark needs Unix");
}
