// error[E0373]: a thread may live longer than what it borrows.
use std::thread;

fn main() {
    let name = String::from("LoopThread");
    let thread = thread::spawn(|| println!("thread {name} is running..."));
    thread.join().unwrap();
}
