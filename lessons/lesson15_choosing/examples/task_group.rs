//! Tasks that belong together, on tokio: `JoinSet`, Python's `TaskGroup`.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut group = JoinSet::new();
    for n in [1, 2, 3] {
        group.spawn(async move {
            sleep(Duration::from_millis(1)).await;
            n * n
        });
    }
    let sum: i32 = group.join_all().await.into_iter().sum();
    println!("The sum of the squares is {sum}");

    let hour = sleep(Duration::from_secs(3600));
    let result = timeout(Duration::from_millis(1), hour).await;
    println!("timed out: {}", result.is_err());
} // A `JoinSet` that is dropped cancels its tasks.
// ANCHOR_END: main
