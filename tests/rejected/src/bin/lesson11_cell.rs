// error[E0277]: a Cell may not be shared between threads.
use std::cell::Cell;
use std::thread;

fn main() {
    let is_set = Cell::new(false);
    thread::scope(|s| {
        s.spawn(|| while !is_set.get() {});
        is_set.set(true);
    });
}
