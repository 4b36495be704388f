// error[E0499]: two threads may not both change one variable.
use std::thread;

fn main() {
    let mut balance = 0;
    thread::scope(|s| {
        s.spawn(|| balance += 5);
        s.spawn(|| balance += 8);
    });
    println!("The balance is {balance}");
}
