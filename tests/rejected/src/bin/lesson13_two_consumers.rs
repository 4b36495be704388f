// error[E0277]: the standard library's channel has a single receiver.
use std::sync::mpsc;
use std::thread;

fn main() {
    let (to_queue, from_queue) = mpsc::channel();
    to_queue.send("tea").unwrap();
    drop(to_queue);
    thread::scope(|s| {
        s.spawn(|| println!("{:?}", from_queue.recv()));
        s.spawn(|| println!("{:?}", from_queue.recv()));
    });
}
