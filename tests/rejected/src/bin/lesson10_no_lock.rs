// error[E0308]: a wait needs the guard, which proves that the lock is held.
use std::sync::{Condvar, Mutex};

fn main() {
    let sent = Mutex::new(false);
    let notify = Condvar::new();
    let guard = notify.wait(&sent).unwrap();
    println!("The parcel was sent: {guard}");
}
