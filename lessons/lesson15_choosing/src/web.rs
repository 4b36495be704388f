//! Three servers: a process for each connection, a thread for each, and one
//! loop for all of them; and a loop for each core.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{self, Child, Stdio};
use std::thread;

use shared::clock::{Stopwatch, pace};

use crate::memory;
use crate::table::Series;

const CLIENTS: usize = 4;
const HELD: usize = 50;

/// The strategies of the servers, as this program's roles know them.
const SERVERS: [&str; 4] = ["processes", "threads", "loop", "loops"];

// ANCHOR: server
pub fn server() -> io::Result<()> {
    println!("server     requests a second (spread)  KiB a connection");
    for strategy in SERVERS {
        let (mut child, port) = start(strategy)?;
        let rate = Series::of(|| requests(port))?;
        let kib = hold_connections(&child, port)?;
        println!("{strategy:<9}  {rate:>26.0}  {kib:>16}");
        drop(child.stdin.take()); // This ends the server.
        assert!(child.wait()?.success());
    }
    Ok(())
}

/// Requests a second of four clients, one request after the other each.
fn requests(port: u16) -> io::Result<f64> {
    let each = (250.0 * pace().min(1.0)) as usize + 1;
    let watch = Stopwatch::start();
    thread::scope(|s| {
        let clients = [(); CLIENTS].map(|()| {
            s.spawn(move || {
                (0..each).try_for_each(|_| {
                    let mut connection = connect(port)?;
                    connection.shutdown(Shutdown::Write)?;
                    connection.read_to_end(&mut Vec::new()).map(drop)
                })
            })
        });
        clients.into_iter().try_for_each(|client| client.join().unwrap())
    })?;
    Ok((CLIENTS * each) as f64 / watch.seconds())
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
fn hold_connections(child: &Child, port: u16) -> io::Result<String> {
    let kib = || memory::kib_of(&memory::with_children(child.id()));
    let before = kib();
    let held = (0..HELD).map(|_| connect(port));
    let held = held.collect::<io::Result<Vec<_>>>()?;
    let kib = memory::each(before, kib(), HELD);
    drop(held);
    Ok(kib)
}
// ANCHOR_END: server

/// Starts this program as a server, and reads its port.
fn start(strategy: &str) -> io::Result<(Child, u16)> {
    let mut child = shared::child("web", [strategy])?;
    let mut child =
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().expect("it is piped");
    let mut port = String::new();
    BufReader::new(stdout).read_line(&mut port)?;
    Ok((child, port.trim().parse().map_err(io::Error::other)?))
}

/// The server's role.
pub fn serve(args: &[String]) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    match args[0].as_str() {
        #[cfg(unix)]
        "processes" => crate::forking::serve(&listener),
        strategy => {
            exit_at_end_of_input();
            match strategy {
                "threads" => serve_in_threads(&listener),
                "loop" => crate::event_loop::serve(listener),
                _ => serve_in_loops(&listener),
            }
        }
    }
}

/// The parent ends this process by closing its input, also if it is killed.
fn exit_at_end_of_input() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
}

// ANCHOR: answer
/// Greets the client, and waits until it has nothing more to say.
pub fn answer(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"hello\n")?;
    client.read_to_end(&mut Vec::new())?;
    Ok(())
}

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
            s.spawn(|| crate::event_loop::serve(listener));
        }
        crate::event_loop::serve(listener.try_clone()?)
    })
}
// ANCHOR_END: answer
