// error[E0308]: a timeout is a Duration, not a number.
use std::sync::{Condvar, Mutex};

fn main() {
    let (flag, was_set) = (Mutex::new(false), Condvar::new());
    let flag = flag.lock().unwrap();
    let (flag, _) = was_set.wait_timeout(flag, 0.5).unwrap();
    println!("The flag is {flag}");
}
