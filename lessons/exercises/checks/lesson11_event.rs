//! Two threads wait while another one opens, in every interleaving.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use shuttle::thread;

use super::answer::Latch;
use crate::model;

pub fn check() -> Result<(), String> {
    let returned = "wait returned before the latch was opened";
    model::assert_blocks(returned, || Latch::default().wait())?;
    let stuck = "stuck: the latch is open, and wait does not return";
    model::search(stuck, || {
        let latch = Latch::default();
        latch.open();
        latch.wait();
    })?;
    let stuck = "stuck: the latch was opened, and a thread still waits";
    model::search(stuck, two_waiters)
}

fn two_waiters() {
    let shared = Arc::new((Latch::default(), AtomicBool::new(false)));
    let threads = [(); 2].map(|()| {
        let shared = shared.clone();
        thread::spawn(move || {
            shared.0.wait();
            let is_open = shared.1.load(Relaxed);
            assert!(is_open, "wait returned before the latch was opened");
        })
    });
    let (latch, is_open) = &*shared;
    is_open.store(true, Relaxed);
    latch.open();
    for thread in threads {
        thread.join().unwrap();
    }
}
