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
    let mut pages = Vec::new();
    for url in urls {
        pages.push(fetch_one(url).await);
    }
    pages
}
