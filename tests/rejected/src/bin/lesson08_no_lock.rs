// error[E0614]: the balance is inside the lock, and only a guard gives access.
use std::sync::Mutex;

fn main() {
    let balance = Mutex::new(0);
    *balance += 5;
    println!("The balance is {balance:?}");
}
