// error[E0133]: fork can break Rust's guarantees, so it is unsafe.
unsafe extern "C" {
    fn fork() -> i32;
}

fn main() {
    let pid = fork();
    println!("fork returned {pid}");
}
