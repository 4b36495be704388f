//! A server that answers after a while.

use std::cell::Cell;
use std::error::Error;
use std::net::TcpStream;

use async_executor::LocalExecutor;
use async_io::{Async, Timer};
use futures_lite::AsyncWriteExt;
use shared::clock::at_pace;

use shared::server::{exit_at_end_of_input, listen};

// ANCHOR: serve
/// Tells each client at once how many clients wait; then it waits, and answers,
/// but not before `gather` clients wait. One thread does all of this.
pub fn serve(args: &[String]) -> Result<(), Box<dyn Error>> {
    exit_at_end_of_input();
    let seconds = args[0].parse()?;
    let gather = args[1].parse()?;
    let listener = Async::new(listen()?)?;
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
