// error[E0499]: two mutable references to the data of one lock.
fn main() {
    let mut number = 0;
    let outer = &mut number; // The function that has the lock,
    let inner = &mut number; // and the one that takes it again.
    *inner += 1;
    *outer += 1;
    println!("The number is {number}");
}
