//! This program again, as a server in another process.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{self, Child, Stdio};
use std::thread;

/// A server in a process of its own, so that its work is not measured. It ends
/// when this value is dropped.
///
/// ```standalone_crate
/// use std::io::{self, Read, Write};
/// use std::net::TcpStream;
/// use std::process::ExitCode;
///
/// use shared::server::{Server, exit_at_end_of_input, listen};
///
/// fn main() -> ExitCode {
///     shared::Lesson::new("hello", "A server says hello")
///         .part("hello", "start a server, and listen to it", hello)
///         .role("serve", serve)
///         .run()
/// }
///
/// fn hello() -> io::Result<()> {
///     let server = Server::start("serve", &[])?;
///     let mut client = TcpStream::connect(("127.0.0.1", server.port))?;
///     let mut answer = String::new();
///     client.read_to_string(&mut answer)?;
///     assert_eq!(answer, "hello");
///     Ok(())
/// }
///
/// fn serve(_: &[String]) -> io::Result<()> {
///     exit_at_end_of_input();
///     for client in listen()?.incoming() {
///         client?.write_all(b"hello")?;
///     }
///     Ok(())
/// }
/// ```
pub struct Server {
    child: Child,
    /// Where it listens, on loopback.
    pub port: u16,
}

impl Server {
    /// Starts a server in this role, and reads its port.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or exits before it listens.
    pub fn start(role: &str, args: &[&str]) -> io::Result<Self> {
        let mut child = crate::child(role, args)?;
        let child = child.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        match port.trim().parse() {
            Ok(port) => Ok(Self { child, port }),
            Err(_) => {
                let how = child.wait()?; // Its input ends first.
                Err(io::Error::other(format!("no port of a server: {how}")))
            }
        }
    }

    /// The pid of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    /// The server ends itself at the end of its input.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let is_ok = self.child.wait().is_ok_and(|status| status.success());
        assert!(is_ok || thread::panicking(), "the server has failed");
    }
}

/// In the server: listens on loopback, and tells the parent the port.
///
/// # Errors
///
/// When the system has no port left.
pub fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    Ok(listener)
}

/// In the server: the parent ends this process by closing its input, also if it
/// is killed.
pub fn exit_at_end_of_input() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
}
