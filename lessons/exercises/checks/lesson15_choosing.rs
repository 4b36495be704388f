//! Six pages, at most three at once, on one thread.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::answer::fetch_all;
use crate::effort::switches;

const URLS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const K: usize = 3;

pub fn check() -> Result<(), String> {
    let now = Cell::new(0);
    let most = Cell::new(0);
    let busy = Cell::new(true);
    let pauses = Cell::new(0);
    let fetch = async |url: &str| {
        now.set(now.get() + 1);
        most.set(most.get().max(now.get()));
        // The first page takes longest.
        wait(if url == "a" { 9 } else { 3 }).await;
        now.set(now.get() - 1);
        let is_refused = url == "b" && busy.replace(false);
        (!is_refused).then(|| url.to_uppercase())
    };
    let pause = async || {
        pauses.set(pauses.get() + 1);
        wait(3).await;
    };
    let pages = run(fetch_all(&URLS, K, fetch, pause))?;
    let most = most.get();
    if most > K {
        return Err(format!("{most} pages were fetched at once, {K} may be"));
    }
    if most < K {
        return Err(format!("expected {K} fetches at once, got {most}"));
    }
    if pages != ["A", "B", "C", "D", "E", "F"] {
        return Err(format!("expected the pages A to F, got {pages:?}"));
    }
    if pauses.get() == 0 {
        return Err("the busy server was asked again without a pause".into());
    }
    Ok(())
}

/// Polls the future to its end, none of which may block the thread.
fn run<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        let began = Instant::now();
        let before = switches();
        let poll = future.as_mut().poll(&mut context);
        let time = began.elapsed();
        // A thread that was only interrupted did not give up its core.
        if time > Duration::from_millis(1) && switches() > before {
            return Err(format!(
                "a future blocked the thread, and so all others, for {time:?}"
            ));
        }
        if let Poll::Ready(result) = poll {
            return Ok(result);
        }
    }
    Err("stuck: the future is not ready after 1000 polls".into())
}

/// Is ready after so many polls.
async fn wait(polls: usize) {
    for _ in 0..polls {
        let mut is_ready = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut is_ready, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
