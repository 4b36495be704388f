// error[E0382]: a join takes the thread's handle, and there is one.
use std::thread;

fn main() {
    let thread = thread::spawn(|| println!("thread Thread-1, @number: 0"));
    thread.join().unwrap();
    thread.join().unwrap();
}
