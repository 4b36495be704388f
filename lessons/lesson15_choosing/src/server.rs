//! This program as a server in another process, so that its work is not
//! measured.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{self, Child, Stdio};
use std::thread;

/// The server's process. It ends when this value is dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts a server, and reads its port.
    pub fn start(role: &str, args: &[&str]) -> io::Result<Self> {
        let mut child = shared::child(role, args)?;
        let child = child.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Self { child: child.spawn()?, port: 0 };
        let stdout = server.child.stdout.take().expect("it is piped");
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        server.port = port.trim().parse().map_err(io::Error::other)?;
        Ok(server)
    }

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

/// In the server: listens, and tells the parent the port.
pub fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    Ok(listener)
}

/// The parent ends this process by closing its input, also if it is killed.
pub fn exit_at_end_of_input() {
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
// ANCHOR_END: answer
