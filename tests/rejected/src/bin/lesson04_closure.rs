// error[E0308]: a closure with captured variables cannot go to another process.
fn main() {
    let factor = 3;
    let task: fn(u32) -> u32 = |n| n * factor;
    println!("12 * 3 = {}", task(12));
}
