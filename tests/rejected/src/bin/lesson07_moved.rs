// error[E0382]: a value that moved into a thread belongs to the thread.
use std::thread;

fn main() {
    let name = String::from("LoopThread");
    let thread = thread::spawn(move || println!("thread {name} is running..."));
    thread.join().unwrap();
    println!("thread {name} ended.");
}
