// error[E0308]: another process has the function, but not what it has seen.
fn main() {
    let factor = 3;
    let task: fn(u32) -> u32 = |n| n * factor;
    println!("12 * 3 = {}", task(12));
}
