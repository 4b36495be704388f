//! I/O-bound work, in several ways.

use std::error::Error;
use std::io;

use shared::clock::at_pace;

use crate::ask::{ask, ask_async};
use crate::strategies::*;
use crate::table::print_table;
use crate::{files, overlap};
use shared::server::Server;

const JOBS: usize = 64;
const MANY: &[usize] = &[1, 4, 16, 64];

// ANCHOR: io
pub fn io() -> io::Result<()> {
    overlap::slow_motion()?;
    overlap::compute_while_waiting()?;
    files::files()?;
    let server = Server::start("delay", &["0.004", "1"])?;
    let port = server.port;
    let millis = at_pace(4.0).as_secs_f64();
    println!("{JOBS} questions to a server that takes {millis:.1} ms");
    let ask = &|| ask(port);
    let ask_async = async || ask_async(port).await;
    let in_children = |processes_and_threads| {
        in_processes(JOBS, processes_and_threads, "ask", &port.to_string())
    };
    print_table(
        "at once",
        usize::max,
        &[
            ("sequence", &[1], &|_| in_sequence(JOBS, ask)),
            ("threads", MANY, &|n| in_threads(JOBS, n, ask)),
            ("processes", MANY, &|n| in_children([n, 1])),
            ("both", &[64], &|_| in_children([4, 16])),
            ("tasks", MANY, &|n| in_tasks(JOBS, n, ask_async)),
        ],
    )
}
// ANCHOR_END: io

pub fn ask_in_turn(args: &[String]) -> Result<(), Box<dyn Error>> {
    let port = args[2].parse()?;
    do_share(args, &|| ask(port))
}
