use futures_util::future::join_all;

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
    let _ = k;
    join_all(urls.iter().map(fetch_one)).await
}
