//! Three threads and seven items, some of which wait for others, in many
//! interleavings.

use std::sync::Arc;

use shuttle::sync::{Condvar, Mutex};

use super::answer::map;
use crate::model;

const N: usize = 3;

pub fn check() -> Result<(), String> {
    let stuck = "stuck: 3 items wait for each other, and fewer are at work";
    model::sample(stuck, 200, all_at_work)?;
    model::sample("stuck: the pool never ends", 1000, counted)?;
    let stuck = "stuck: item 0 needs all the others to be done, and one of \
                 them waits for item 0 while a thread is idle";
    model::sample(stuck, 200, the_first_is_last)?;
    model::sample("stuck: the pool without items never ends", 10, || {
        let results = map(N, Vec::new(), |item: usize| item);
        assert!(results.is_empty(), "no items: got {results:?}");
    })
}

/// Each of the first three items waits for the other two.
fn all_at_work() {
    let inside = Arc::new((Mutex::new(0), Condvar::new()));
    map(N, (0..N).collect(), |_| {
        let (count, changed) = &*inside;
        let mut guard = count.lock().unwrap();
        *guard += 1;
        changed.notify_all();
        drop(changed.wait_while(guard, |count| *count < N).unwrap());
    });
}

fn counted() {
    let inside = Mutex::new(0);
    let results = map(N, (0..7).collect(), |item| {
        let now = {
            let mut guard = inside.lock().unwrap();
            *guard += 1;
            *guard
        };
        assert!(now <= N, "{now} threads were at work at once, {N} may be");
        shuttle::thread::yield_now();
        *inside.lock().unwrap() -= 1;
        item * 10
    });
    expect_in_order(&results);
}

fn the_first_is_last() {
    let done = (Mutex::new(0), Condvar::new());
    let results = map(N, (0..7).collect(), |item| {
        let (count, changed) = &done;
        let guard = count.lock().unwrap();
        let mut guard = match item {
            0 => changed.wait_while(guard, |count| *count < 6).unwrap(),
            _ => guard,
        };
        *guard += 1;
        changed.notify_all();
        item * 10
    });
    expect_in_order(&results);
}

fn expect_in_order(results: &[usize]) {
    let expected: Vec<_> = (0..7).map(|item| item * 10).collect();
    assert!(
        results == expected,
        "expected the results in the order of the items, got {results:?}"
    );
}
