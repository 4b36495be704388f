// error[E0277]: a Cell lets one thread change what it shares with itself.
use std::cell::Cell;
use std::thread;

fn main() {
    let is_set = Cell::new(false);
    thread::scope(|s| {
        s.spawn(|| while !is_set.get() {});
        is_set.set(true);
    });
}
