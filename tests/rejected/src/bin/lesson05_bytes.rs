// error[E0308]: a program writes bytes; whether they are text, you must ask.
use std::process::Command;

fn main() {
    let output = Command::new("ls").output().unwrap();
    let listing: String = output.stdout;
    println!("{listing}");
}
