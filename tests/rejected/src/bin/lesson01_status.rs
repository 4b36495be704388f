// error[E0277]: a number is no exit code.
fn main() -> i32 {
    println!("Child process end.");
    300
}
