// error[E0597]: a detached thread may live longer than the function.
use std::thread;

fn main() {
    let name = String::from("Thread-1");
    let borrowed = &name;
    thread::spawn(move || println!("Current thread: {borrowed}"));
}
