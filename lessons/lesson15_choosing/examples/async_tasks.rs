//! `create_task`, `gather`, `to_thread` and cancellation.

use std::time::Duration;

use async_executor::LocalExecutor;
use async_io::{Timer, block_on};
use futures_lite::future::{self, zip};

// ANCHOR: main
fn main() {
    let executor = LocalExecutor::new();
    block_on(executor.run(async {
        let double = executor.spawn(async { 2 * 21 }); // create_task
        println!("create_task: {}", double.await);

        let (a, b) = zip(pause(1), pause(2)).await; // gather
        println!("gather: [{a}, {b}]");

        let sum = blocking_sum().await; // to_thread
        println!("to_thread: {sum}");

        let never = executor.spawn(future::pending::<()>());
        println!("cancelled: {:?}", never.cancel().await);
    }));
}

async fn pause(n: u32) -> u32 {
    Timer::after(Duration::from_millis(1)).await;
    n
}

/// A blocking call in a thread of its own; the executor continues meanwhile.
async fn blocking_sum() -> u32 {
    let (tx, rx) = async_channel::bounded(1);
    std::thread::spawn(move || tx.send_blocking((1..=4).sum()));
    rx.recv().await.expect("the thread sends")
}
// ANCHOR_END: main
