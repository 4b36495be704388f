// accepted: what the refused programs mean to do, done right. It shows that
// they are refused for what they do, and not because nothing compiles here.
use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Mutex::new(0);
    thread::scope(|s| {
        for n in [5, 8] {
            let balance = &balance;
            s.spawn(move || *balance.lock().unwrap() += n);
        }
    });
    println!("The balance is {}", balance.into_inner().unwrap());
}
