//! A server that answers after a while. It is another process, so that its work
//! is not measured.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Stdio};

use async_executor::LocalExecutor;
use async_io::{Async, Timer};
use futures_lite::AsyncWriteExt;
use shared::clock::at_pace;
use shared::exit_when_parent_dies;

/// The server's process. It ends when this value is dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts a server that answers after `seconds`, and not before `gather`
    /// clients wait.
    pub fn start(seconds: f64, gather: usize) -> io::Result<Self> {
        let args = [seconds.to_string(), gather.to_string()];
        let mut child =
            shared::child("serve", args)?.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut server = Self { child, port: 0 };
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        server.port = port.trim().parse().map_err(io::Error::other)?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// ANCHOR: serve
/// Tells each client at once how many clients wait; then it waits, and answers.
/// One thread does all of this.
pub fn serve(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let seconds = args[0].parse()?;
    let gather = args[1].parse()?;
    let listener = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.get_ref().local_addr()?.port());
    let waiting = &Cell::new(0);
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        let mut held = Vec::new();
        loop {
            let (mut client, _) = listener.accept().await?;
            waiting.set(waiting.get() + 1);
            let greeting = format!("{}\n", waiting.get());
            client.get_ref().set_nodelay(true)?;
            client.write_all(greeting.as_bytes()).await?;
            held.push(client);
            if held.len() >= gather {
                for client in held.drain(..) {
                    executor.spawn(answer(client, seconds, waiting)).detach();
                }
            }
        }
    }))
}

async fn answer(
    mut client: Async<TcpStream>,
    seconds: f64,
    waiting: &Cell<usize>,
) {
    Timer::after(at_pace(seconds)).await;
    waiting.set(waiting.get() - 1);
    // A client that has closed its connection needs no answer.
    let _ = client.write_all(b"done\n").await;
}
// ANCHOR_END: serve
