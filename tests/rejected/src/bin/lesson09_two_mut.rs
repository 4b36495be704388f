// error[E0499]: what a lock that lets its owner in twice could not hand out.
fn main() {
    let mut number = 0;
    let outer = &mut number; // The function that has the lock,
    let inner = &mut number; // and the one that takes it again.
    *inner += 1;
    *outer += 1;
    println!("The number is {number}");
}
