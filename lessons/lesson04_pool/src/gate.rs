//! A gate of the parent, at which a task waits.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process;

use process_pool::Task;
use shared::{nap, timeline};

/// Tasks wait at this listening socket until the parent drops it.
pub struct Gate(TcpListener);

impl Gate {
    /// A gate, and its port.
    pub fn bind() -> io::Result<(Self, u16)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        Ok((Self(listener), port))
    }

    /// Waits for a task. Returns the pid of its worker, and the connection
    /// that holds the task until it is dropped.
    pub fn accept(&self) -> io::Result<(u32, TcpStream)> {
        let (mut stream, _) = self.0.accept()?;
        let mut pid = [0; 4];
        stream.read_exact(&mut pid)?;
        Ok((u32::from_le_bytes(pid), stream))
    }
}

// ANCHOR: wait_at_gate
pub const WAIT_AT_GATE: Task<(u16, f64), u32> =
    Task::new("wait_at_gate", |(port, seconds)| {
        let _span = timeline::working("wait_at_gate");
        wait_at_gate(port);
        nap(seconds);
        process::id()
    });

/// Blocks until the parent drops the connection or the gate.
pub fn wait_at_gate(port: u16) {
    let gate = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    let _closed = gate.and_then(|mut gate| {
        gate.write_all(&process::id().to_le_bytes())?;
        gate.read(&mut [0])
    });
}
// ANCHOR_END: wait_at_gate
