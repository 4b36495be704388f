// error[E0277]: the arguments of a program are text.
use std::process::Command;

fn main() {
    let mut sing = Command::new("sing");
    sing.arg(3);
    println!("{sing:?}");
}
