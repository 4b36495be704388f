// error[E0502]: what a thread changes is not read before the join.
use std::thread;

fn main() {
    let mut total = 0;
    thread::scope(|s| {
        s.spawn(|| total += 1);
        println!("The total is {total}");
    });
    println!("The total is {total}");
}
