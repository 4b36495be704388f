//! A server with one event loop.

use std::io;
use std::net::{TcpListener, TcpStream};

use async_executor::LocalExecutor;
use async_io::Async;
use futures_lite::{AsyncReadExt, AsyncWriteExt};

// ANCHOR: serve
/// Accepts all connections in the calling thread, a task for each.
pub fn serve(listener: TcpListener) -> io::Result<()> {
    let listener = Async::new(listener)?;
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        loop {
            let (client, _) = listener.accept().await?;
            executor.spawn(answer(client)).detach();
        }
    }))
}

async fn answer(mut client: Async<TcpStream>) -> io::Result<()> {
    client.write_all(b"hello\n").await?;
    client.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
// ANCHOR_END: serve
