//! What is between workers and a master, and breaks one connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Is between workers and a master, passes on what they say, and cuts
/// one connection: the one on which a certain byte comes, counted over all.
pub struct Relay {
    pub address: String,
    shared: Arc<Passed>,
}

struct Passed {
    bytes: AtomicUsize,
    cut: usize,
    closed: AtomicBool,
}

impl Relay {
    pub fn start(master: &str, cut: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bytes = AtomicUsize::new(0);
        let closed = AtomicBool::new(false);
        let shared = Arc::new(Passed { bytes, cut, closed });
        let master = master.to_string();
        let passed = shared.clone();
        thread::spawn(move || {
            for worker in listener.incoming() {
                if passed.closed.load(SeqCst) {
                    return;
                }
                let worker = worker.unwrap();
                if let Ok(master) = TcpStream::connect(&master) {
                    passed.join(&worker, &master).unwrap();
                }
            }
        });
        Self { address, shared }
    }

    pub fn passed(&self) -> usize {
        self.shared.bytes.load(SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.closed.store(true, SeqCst);
        let _ = TcpStream::connect(&self.address); // It wakes up, and ends.
    }
}

impl Passed {
    /// Passes on, both ways, until one of the two hangs up.
    fn join(self: &Arc<Self>, a: &TcpStream, b: &TcpStream) -> io::Result<()> {
        for (from, to) in [(a, b), (b, a)] {
            let passed = self.clone();
            let from = from.try_clone()?;
            let to = to.try_clone()?;
            from.set_nodelay(true)?;
            thread::spawn(move || {
                let _ = passed.pass_on(&from, &to);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn pass_on(
        &self,
        mut from: &TcpStream,
        mut to: &TcpStream,
    ) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let read = from.read(&mut buffer)?;
            let before = self.bytes.fetch_add(read, SeqCst);
            if read == 0 {
                return Ok(());
            }
            if (before..before + read).contains(&self.cut) {
                return to.write_all(&buffer[..self.cut - before]);
            }
            to.write_all(&buffer[..read])?;
        }
    }
}
