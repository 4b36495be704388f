//! Two and three threads, in every interleaving.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use shuttle::thread;

use super::answer::Semaphore;
use crate::model;

pub fn check() -> Result<(), String> {
    let returned = "acquire returned, and there is no permit";
    model::assert_blocks(returned, || Semaphore::new(0).acquire())?;
    let stuck = "stuck: there is a permit, and acquire waits for one";
    model::search(stuck, || {
        let semaphore = Semaphore::new(2);
        semaphore.acquire();
        semaphore.acquire();
        semaphore.release(1);
        semaphore.acquire();
    })?;
    let stuck = "stuck: release(2), and one of the two threads that wait never \
                 gets its permit";
    model::search(stuck, two_at_once)?;
    model::search(
        "stuck: two threads take turns with one permit, and one of them waits \
         for a permit that is free",
        one_at_a_time,
    )
    .map_err(|line| match line.contains("overflow") {
        true => "one permit was given out twice".into(),
        false => line,
    })
}

fn two_at_once() {
    let semaphore = Arc::new(Semaphore::new(0));
    let threads = [(); 2].map(|()| {
        let semaphore = semaphore.clone();
        thread::spawn(move || semaphore.acquire())
    });
    semaphore.release(2);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// This thread acquires the permit again, perhaps before the other one wakes up.
fn one_at_a_time() {
    let shared = Arc::new((Semaphore::new(1), AtomicUsize::new(0)));
    let other = {
        let shared = shared.clone();
        thread::spawn(move || work(&shared.0, &shared.1))
    };
    work(&shared.0, &shared.1);
    work(&shared.0, &shared.1);
    other.join().unwrap();
}

fn work(semaphore: &Semaphore, inside: &AtomicUsize) {
    semaphore.acquire();
    let others = inside.fetch_add(1, Relaxed);
    assert!(others == 0, "two threads were inside with one permit");
    thread::yield_now();
    inside.fetch_sub(1, Relaxed);
    semaphore.release(1);
}
