//! What is between a client and its server, and does harm to what they say.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Is between a worker and its server, and can stop to pass on anything.
pub struct Proxy {
    pub address: SocketAddr,
    line: Arc<(Mutex<Line>, Condvar)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Whole,
    Cut,
    /// It was cut, and what was on its way is lost.
    Broken,
}

impl Proxy {
    pub fn start(server: SocketAddr) -> Self {
        let line = Arc::new((Mutex::new(Line::Whole), Condvar::new()));
        let shared = line.clone();
        let address =
            between(server, move |from, to| pass_on(from, to, &shared));
        Self { address, line }
    }

    pub fn cut(&self) {
        *self.line.0.lock().unwrap() = Line::Cut;
    }

    pub fn mend(&self, breaks: bool) {
        let line = if breaks { Line::Broken } else { Line::Whole };
        *self.line.0.lock().unwrap() = line;
        self.line.1.notify_all();
    }
}

/// Is between others and this server, and has `pass_on` carry what comes
/// on each connection, one way and the other.
pub fn between(
    server: SocketAddr,
    pass_on: impl Fn(TcpStream, TcpStream) -> io::Result<()>
    + Clone
    + Send
    + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for near in listener.incoming().map_while(io::Result::ok) {
            let Ok(far) = TcpStream::connect(server) else { continue };
            for (from, to) in [(&near, &far), (&far, &near)] {
                let from = from.try_clone();
                let to = to.try_clone();
                let pass_on = pass_on.clone();
                thread::spawn(move || pass_on(from?, to?));
            }
        }
    });
    address
}

fn pass_on(
    mut from: TcpStream,
    mut to: TcpStream,
    line: &(Mutex<Line>, Condvar),
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let read = from.read(&mut buffer)?;
        let mut now = line.0.lock().unwrap();
        let was_cut = *now == Line::Cut;
        while *now == Line::Cut {
            now = line.1.wait(now).unwrap();
        }
        let lost = was_cut && *now == Line::Broken;
        drop(now);
        if read == 0 || lost || to.write_all(&buffer[..read]).is_err() {
            let _ = from.shutdown(Shutdown::Both);
            return to.shutdown(Shutdown::Both);
        }
    }
}
