// error[E0382]: after its release, the guard is gone.
use std::sync::Mutex;

fn main() {
    let balance = Mutex::new(0);
    let mut guard = balance.lock().unwrap();
    *guard += 5;
    drop(guard);
    *guard -= 5;
}
