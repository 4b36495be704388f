// error[E0382]: a wait takes the guard and returns a new one.
use std::sync::{Condvar, Mutex};

fn main() {
    let sent = Mutex::new(false);
    let notify = Condvar::new();
    let guard = sent.lock().unwrap();
    while !*guard {
        notify.wait(guard).unwrap();
    }
    println!("The parcel was sent");
}
