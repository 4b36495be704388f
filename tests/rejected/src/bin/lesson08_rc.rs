// error[E0277]: an Rc does not count its owners atomically.
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Rc::new(Mutex::new(0));
    let of_thread = Rc::clone(&balance);
    let thread = thread::spawn(move || *of_thread.lock().unwrap() += 5);
    thread.join().unwrap();
    println!("The balance is {}", balance.lock().unwrap());
}
