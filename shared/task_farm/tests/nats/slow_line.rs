//! A line between a client and its server that carries few bytes a second.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Where clients reach this server over a line of this speed: so many bytes a
/// second, each way. The threads end with the test's process.
pub fn slow_line(server: SocketAddr, speed: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(server) else { continue };
            for (from, to) in [(&near, &far), (&far, &near)] {
                let from = from.try_clone().expect("a descriptor");
                let to = to.try_clone().expect("a descriptor");
                thread::spawn(move || carry(from, to, speed));
            }
        }
    });
    address
}

fn carry(mut from: TcpStream, mut to: TcpStream, speed: usize) {
    let mut buffer = vec![0; (speed / 50).clamp(1000, 1 << 16)];
    let mut next = Instant::now();
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let time = Duration::from_secs_f64(read as f64 / speed as f64);
        next = next.max(Instant::now()) + time;
        thread::sleep(next.saturating_duration_since(Instant::now()));
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
