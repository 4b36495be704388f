// error[E0277]: a future that holds an Rc cannot go to another thread.
use std::future;
use std::rc::Rc;
use std::thread;

fn main() {
    let answer: Rc<str> = "done".into();
    let task = future::ready(answer);
    thread::spawn(move || drop(task)).join().unwrap();
}
