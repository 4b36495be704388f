// error[E0277]: only the thread that holds the lock can release it.
use std::sync::Mutex;
use std::thread;

fn main() {
    let lock = Mutex::new(0);
    let guard = lock.lock().unwrap();
    thread::scope(|s| {
        s.spawn(move || drop(guard));
    });
}
