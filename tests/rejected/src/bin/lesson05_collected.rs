// error[E0382]: a child is gone after its output was collected.
use std::process::{Command, Stdio};

fn main() {
    let mut cat = Command::new("cat").stdout(Stdio::piped()).spawn().unwrap();
    let output = cat.wait_with_output().unwrap();
    cat.kill().unwrap();
    println!("{output:?}");
}
