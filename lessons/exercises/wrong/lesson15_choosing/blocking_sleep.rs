use std::thread;
use std::time::Duration;

use futures_util::{StreamExt, stream};

/// Fetches all pages.
pub async fn fetch_all<F, P>(
    urls: &[&str],
    k: usize,
    fetch: F,
    pause: P,
) -> Vec<String>
where
    F: AsyncFn(&str) -> Option<String>,
    P: AsyncFn(),
{
    let fetch_one = async |url: &&str| {
        loop {
            if let Some(page) = fetch(url).await {
                return page;
            }
            thread::sleep(Duration::from_millis(50));
        }
    };
    let _ = pause;
    stream::iter(urls).map(fetch_one).buffered(k).collect().await
}
