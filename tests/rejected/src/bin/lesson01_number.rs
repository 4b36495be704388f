// error[E0277]: what a program gets on its command line is text.
use std::process::Command;

fn main() {
    let mut sing = Command::new("sing");
    sing.arg(3);
    println!("{sing:?}");
}
