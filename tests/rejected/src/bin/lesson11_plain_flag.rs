// error[E0506]: while one thread reads a flag, no other may change it.
use std::thread;

fn main() {
    let mut is_set = false;
    thread::scope(|s| {
        s.spawn(|| while !is_set {});
        is_set = true;
    });
}
