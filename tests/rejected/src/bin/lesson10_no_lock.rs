// error[E0308]: a wait wants the guard: the proof that you have the lock.
use std::sync::{Condvar, Mutex};

fn main() {
    let (sent, notify) = (Mutex::new(false), Condvar::new());
    let guard = notify.wait(&sent).unwrap();
    println!("The parcel was sent: {guard}");
}
