//! What the system can do at all: as many bytes to and fro, and nothing else.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use crate::work::{until_all_are_ready, until_nobody_wants_us};

/// Bytes of a request and of a reply, as they are for a task.
const REQUEST: usize = 48;
const REPLY: usize = 24;

/// Requests of a task: it is fetched, and its result brought.
const REQUESTS: usize = 2;

/// Round trips of a connection: the handshake, and the first request.
const HANDSHAKE: usize = 4;

/// Answers with as many bytes, and says when so many tasks are done.
pub fn master(tasks: usize) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let done = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (done, stream) = (done.clone(), stream.expect("a client"));
            thread::spawn(move || answer(stream, &done, tasks * REQUESTS));
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

/// Asks until nobody answers any more. As with our worker, a result and the
/// question for the next task travel together.
pub fn worker(address: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    until_all_are_ready()?;
    while ask(&mut stream, REQUESTS).is_ok() {}
    Ok(())
}

fn ask(stream: &mut TcpStream, requests: usize) -> io::Result<()> {
    (0..requests).try_for_each(|_| stream.write_all(&[0; REQUEST]))?;
    (0..requests).try_for_each(|_| stream.read_exact(&mut [0; REPLY]))
}

pub fn connect(address: &str, times: usize) -> Result<(), Box<dyn Error>> {
    for _ in 0..times {
        let start = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        (0..HANDSHAKE).try_for_each(|_| ask(&mut stream, 1))?;
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(())
}
