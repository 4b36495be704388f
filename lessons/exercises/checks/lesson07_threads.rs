//! Eleven items for four threads, which all must be at work at once.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, OnceLock};
use std::thread::{self, ThreadId};

use super::answer::parallel_sum;
use crate::panics::message;
use crate::patience::PATIENCE;

const ITEMS: [u64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const THREADS: usize = 4;

pub fn check() -> Result<(), String> {
    let meeting = Meeting::default();
    let sum = parallel_sum(&ITEMS, THREADS, |item| {
        meeting.wait();
        *item
    });
    meeting.result()?;
    match sum {
        Ok(2047) => {}
        Ok(sum) => {
            return Err(format!(
                "1 + 2 + 4 + … + 1024: expected 2047, got {sum}"
            ));
        }
        Err(panic) => {
            return Err(format!("no part panics: got {}", message(&*panic)));
        }
    }
    match parallel_sum(&[], THREADS, |item| *item) {
        Ok(0) => {}
        result => return Err(format!("no items: got {:?}", result.ok())),
    }
    expect_err("one part panics", &[16])?;
    expect_err("two parts panic", &[1, 1024])
}

/// `value` panics for these items.
fn expect_err(what: &str, bad: &[u64]) -> Result<(), String> {
    let sum = catch_unwind(AssertUnwindSafe(|| {
        parallel_sum(&ITEMS, THREADS, |item| {
            assert!(!bad.contains(item), "item {item}");
            *item
        })
    }));
    match sum {
        Ok(Err(_)) => Ok(()),
        Ok(Ok(sum)) => Err(format!("{what}: expected Err, got Ok({sum})")),
        Err(_) => Err(format!("{what}: expected Err, but the panic escaped")),
    }
}

/// Where four threads wait for each other.
#[derive(Default)]
struct Meeting {
    present: Mutex<HashSet<ThreadId>>,
    changed: Condvar,
    /// How many there were when one had waited long enough.
    too_few: OnceLock<usize>,
}

impl Meeting {
    fn wait(&self) {
        let mut guard = self.present.lock().unwrap();
        guard.insert(thread::current().id());
        self.changed.notify_all();
        let incomplete = |present: &mut HashSet<_>| {
            present.len() < THREADS && self.too_few.get().is_none()
        };
        let (guard, result) = self
            .changed
            .wait_timeout_while(guard, PATIENCE, incomplete)
            .unwrap();
        if result.timed_out() {
            let _ = self.too_few.set(guard.len());
            self.changed.notify_all();
        }
    }

    fn result(&self) -> Result<(), String> {
        let all = self.present.lock().unwrap().len();
        match self.too_few.get() {
            Some(few) => Err(format!(
                "{few} of {THREADS} threads were at work at once: the next one \
                 was not started before the end of another"
            )),
            None if all > THREADS => {
                Err(format!("{all} threads were started, {THREADS} may be"))
            }
            None => Ok(()),
        }
    }
}
