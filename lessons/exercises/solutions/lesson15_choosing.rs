//! `buffered` keeps `k` futures going, and returns the results in order.

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
            pause().await;
        }
    };
    stream::iter(urls).map(fetch_one).buffered(k).collect().await
}
