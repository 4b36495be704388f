//! Three servers: a process for each connection, a thread for each, and one
//! loop for all of them; and a loop for each core.

use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;

use shared::clock::{Stopwatch, pace};
use shared::measure::{Series, growth_each, kib_with_children};
use shared::server::{Server, exit_at_end_of_input, listen};

use crate::{answer, event_loop};

const CLIENTS: usize = 4;
const HELD: usize = 50;

// ANCHOR: server
pub fn server() -> io::Result<()> {
    println!("server     requests a second (spread)  KiB a connection");
    for strategy in ["processes", "threads", "loop", "loops"] {
        let server = Server::start("serve", &[strategy])?;
        let rate = Series::of(|| requests(server.port))?;
        let kib = hold_connections(&server)?;
        println!("{strategy:<9}  {rate:>26.0}  {kib:>16}");
    }
    Ok(())
}

/// Requests a second of four clients, one request after the other each.
fn requests(port: u16) -> io::Result<f64> {
    let each = (250.0 * pace().min(1.0)) as usize + 1;
    let client = || (0..each).try_for_each(|_| request(port));
    let watch = Stopwatch::start();
    thread::scope(|s| {
        let clients = [(); CLIENTS].map(|()| s.spawn(client));
        clients.into_iter().try_for_each(|client| client.join().unwrap())
    })?;
    Ok((CLIENTS * each) as f64 / watch.seconds())
}

fn request(port: u16) -> io::Result<()> {
    let mut connection = connect(port)?;
    connection.shutdown(Shutdown::Write)?;
    connection.read_to_end(&mut Vec::new()).map(drop)
}

/// Opens a connection, and waits for the server's greeting.
fn connect(port: u16) -> io::Result<TcpStream> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut greeting = [0; 6];
    connection.read_exact(&mut greeting)?;
    assert_eq!(&greeting, b"hello\n");
    Ok(connection)
}

/// The memory that the server uses for each of fifty open connections.
fn hold_connections(server: &Server) -> io::Result<String> {
    let before = kib_with_children(server.pid());
    let held = (0..HELD).map(|_| connect(server.port));
    let _held = held.collect::<io::Result<Vec<_>>>()?;
    Ok(growth_each(before, kib_with_children(server.pid()), HELD))
}
// ANCHOR_END: server

/// The server's role.
pub fn serve(args: &[String]) -> io::Result<()> {
    let listener = listen()?;
    #[cfg(unix)]
    if args[0] == "processes" {
        return crate::forking::serve(&listener);
    }
    exit_at_end_of_input();
    match args[0].as_str() {
        "threads" => serve_in_threads(&listener),
        "loop" => event_loop::serve(listener),
        _ => serve_in_loops(&listener),
    }
}

// ANCHOR: serve_in_threads
fn serve_in_threads(listener: &TcpListener) -> io::Result<()> {
    for client in listener.incoming() {
        let client = client?;
        thread::spawn(|| answer(client));
    }
    Ok(())
}

/// One event loop for each core. All of them accept from the same listener.
fn serve_in_loops(listener: &TcpListener) -> io::Result<()> {
    thread::scope(|s| {
        for _ in 1..num_cpus::get() {
            let listener = listener.try_clone()?;
            s.spawn(|| event_loop::serve(listener));
        }
        event_loop::serve(listener.try_clone()?)
    })
}
// ANCHOR_END: serve_in_threads
