// error[E0382]: a child that was waited for is gone, and its pid may be reused.
use std::process::{Command, Stdio};

fn main() {
    let mut cat = Command::new("cat").stdout(Stdio::piped()).spawn().unwrap();
    let output = cat.wait_with_output().unwrap();
    cat.kill().unwrap();
    println!("{output:?}");
}
