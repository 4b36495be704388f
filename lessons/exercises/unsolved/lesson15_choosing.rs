//! # Exercise 15: fetch many pages, at most `k` at once
//!
//! Write `fetch_all`: it awaits `fetch(url)` for every url, and returns the pages
//! in the order of the urls.
//!
//! - At most `k` pages are fetched at once, and `k` of them if there are so many.
//! - `fetch` returns `None` if the server is busy. Then await `pause()` and fetch
//!   this page again. The other fetches go on in the meantime.
//!
//! The crate `futures_util` has what you need: `stream::iter`, and in `StreamExt`
//! the combinators.
//!
//! Check it: `cargo test -p exercises lesson15`

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
    todo!()
}
