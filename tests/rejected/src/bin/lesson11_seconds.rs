// error[E0308]: a timeout is a Duration, not a number.
use std::sync::{Condvar, Mutex};

fn main() {
    let flag = Mutex::new(false);
    let was_set = Condvar::new();
    let guard = flag.lock().unwrap();
    let (guard, _) = was_set.wait_timeout(guard, 0.5).unwrap();
    println!("The flag is {guard}");
}
