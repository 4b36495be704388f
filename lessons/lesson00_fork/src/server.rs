//! A server that forks a child for each connection.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process;

use nix::sys::wait::wait;
use nix::unistd::{ForkResult, getpid};
use shared::{nap, timeline};

use crate::system::fork;
use crate::zombie::describe;

const CONNECTIONS: usize = 4;
const MAX_CHILDREN: usize = 2;

// ANCHOR: server
pub fn server() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    if let ForkResult::Child = fork()? {
        drop(listener); // Only the server accepts connections.
        client(address)?;
        process::exit(0);
    }
    timeline::lane("server");
    println!("server ({}): at most {MAX_CHILDREN} children", getpid());
    for n in 1..=CONNECTIONS {
        if n > MAX_CHILDREN {
            let _span = timeline::waiting("waits for a child");
            println!("server: reaped {}", describe(wait()?));
        }
        let (connection, _) = listener.accept()?;
        if let ForkResult::Child = fork()? {
            drop(listener);
            handle(n, connection)?;
            process::exit(0);
        }
    }
    for _ in 0..MAX_CHILDREN + 1 {
        println!("server: reaped {}", describe(wait()?)); // One is the client.
    }
    Ok(())
}

/// Serves one connection: a greeting, a request, an answer.
fn handle(n: usize, mut connection: TcpStream) -> io::Result<()> {
    let me = getpid();
    timeline::lane(&format!("child {n}"));
    println!("child ({me}): serves connection {n}");
    connection.write_all(b"hello\n")?;
    BufReader::new(&connection).read_line(&mut String::new())?;
    let _span = timeline::working("works");
    nap(0.5);
    println!("child ({me}): answers");
    connection.write_all(b"done\n")
}
// ANCHOR_END: server

/// Opens all connections, and uses as many at a time as the server allows.
/// It sends no request before each of these has a child of its own.
fn client(server: SocketAddr) -> io::Result<()> {
    timeline::lane("client");
    let connections = [server; CONNECTIONS].map(TcpStream::connect);
    let connections: Vec<_> =
        connections.into_iter().collect::<Result<_, _>>()?;
    for group in connections.chunks(MAX_CHILDREN) {
        for connection in group {
            read_line(connection)?;
        }
        for mut connection in group {
            connection.write_all(b"a request\n")?;
        }
        for connection in group {
            read_line(connection)?;
        }
    }
    Ok(())
}

fn read_line(connection: &TcpStream) -> io::Result<()> {
    match BufReader::new(connection).read_line(&mut String::new())? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
