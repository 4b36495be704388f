//! Clients of the server that answers after a while.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpStream};

use async_io::Async;
use futures_lite::AsyncReadExt;

// ANCHOR: ask
/// Asks the server and waits for its answer. Returns how many clients waited.
pub fn ask(port: u16) -> io::Result<usize> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    how_many(&answer)
}

/// The same, but while it waits, its thread does something else.
pub async fn ask_async(port: u16) -> io::Result<usize> {
    let server = (Ipv4Addr::LOCALHOST, port);
    let mut server = Async::<TcpStream>::connect(server).await?;
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    how_many(&answer)
}
// ANCHOR_END: ask

fn how_many(answer: &str) -> io::Result<usize> {
    let number = answer.strip_suffix("\ndone\n").map(str::parse);
    let number = number.and_then(Result::ok);
    number.ok_or_else(|| io::Error::other(format!("no answer: {answer:?}")))
}
