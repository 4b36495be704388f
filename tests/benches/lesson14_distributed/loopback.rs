//! What the system can do at all: as many bytes to and fro, and nothing else.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use crate::work::{until_all_are_ready, until_nobody_wants_us};

/// Bytes of the one request and the one reply of a task: the request brings
/// a result and asks for the next task (seen with `strace`).
const REQUEST: usize = 77;
const REPLY: usize = 42;

/// Round trips of a connection: the handshake, and the first request.
const HANDSHAKE: usize = 4;

/// Answers with as many bytes, and says when so many tasks are done.
pub fn master(tasks: usize) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let done = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let done = done.clone();
            let stream = stream.expect("a client");
            thread::spawn(move || answer(stream, &done, tasks));
        }
    });
    Ok(until_nobody_wants_us()?)
}

fn answer(
    mut stream: TcpStream,
    done: &AtomicUsize,
    all: usize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; REQUEST];
    loop {
        stream.read_exact(&mut request)?;
        stream.write_all(&request[..REPLY])?;
        if done.fetch_add(1, Relaxed) + 1 == all {
            println!("done");
        }
    }
}

/// Asks until the master answers no more.
pub fn worker(address: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    until_all_are_ready()?;
    while ask(&mut stream).is_ok() {}
    Ok(())
}

fn ask(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(&[0; REQUEST])?;
    stream.read_exact(&mut [0; REPLY])
}

pub fn connect(address: &str, times: usize) -> Result<(), Box<dyn Error>> {
    for _ in 0..times {
        let start = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        (0..HANDSHAKE).try_for_each(|_| ask(&mut stream))?;
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(())
}
