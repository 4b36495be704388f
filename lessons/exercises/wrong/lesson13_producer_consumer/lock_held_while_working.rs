use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// Works on all items of the input.
pub fn stage<T, R, F>(
    input: Receiver<T>,
    workers: usize,
    capacity: usize,
    f: F,
    mut sink: impl FnMut(thread::Result<R>),
) where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let input = Mutex::new(input);
    let (sender, results) = mpsc::sync_channel(capacity);
    thread::scope(|s| {
        for _ in 0..workers {
            let sender = sender.clone();
            s.spawn(|| {
                let sender = sender;
                while let Ok(item) = input.lock().unwrap().recv() {
                    let result = catch_unwind(AssertUnwindSafe(|| f(item)));
                    sender.send(result).unwrap();
                }
            });
        }
        drop(sender);
        for result in results {
            sink(result);
        }
    });
}
