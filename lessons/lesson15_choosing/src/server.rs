//! A server that answers after a while: another process, so that what it does
//! is not counted as ours.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Stdio};

use async_executor::LocalExecutor;
use async_io::{Async, Timer};
use futures_lite::AsyncWriteExt;
use shared::clock::at_pace;
use shared::exit_when_parent_dies;

/// The server's process. It ends when this is dropped, or when we do.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts a server that answers after `seconds`, and nobody before so many
    /// wait as `gather` says.
    pub fn start(seconds: f64, gather: usize) -> io::Result<Self> {
        let args = [seconds.to_string(), gather.to_string()];
        let mut child =
            shared::child("serve", args)?.stdout(Stdio::piped()).spawn()?;
        let says = child.stdout.take().expect("it was piped");
        let mut server = Self { child, port: 0 };
        let mut port = String::new();
        BufReader::new(says).read_line(&mut port)?;
        server.port = port.trim().parse().map_err(io::Error::other)?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, and that is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// ANCHOR: serve
/// To each client it says at once how many wait now; then it waits as long as
/// it was told, and answers. One thread does it all.
pub fn serve(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    exit_when_parent_dies();
    let seconds = args[0].parse()?;
    let gather = args[1].parse()?;
    let door = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", door.get_ref().local_addr()?.port());
    let waiting = &Cell::new(0);
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        let mut held = Vec::new();
        loop {
            let (mut client, _) = door.accept().await?;
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
    // A client that has gone needs no answer.
    let _ = client.write_all(b"done\n").await;
}
// ANCHOR_END: serve
