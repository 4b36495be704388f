// error[E0277]: a Cell is for one thread only.
use std::cell::Cell;
use std::thread;

fn main() {
    let number = &Cell::new(0);
    thread::scope(|s| {
        s.spawn(|| number.set(number.get() + 1));
        s.spawn(|| number.set(number.get() + 1));
    });
    println!("The number is {}", number.get());
}
