// error[E0308]: a program writes bytes; converting them to text can fail.
use std::process::Command;

fn main() {
    let output = Command::new("ls").output().unwrap();
    let listing: String = output.stdout;
    println!("{listing}");
}
