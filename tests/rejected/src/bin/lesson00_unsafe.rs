// error[E0133]: fork can break what Rust promises, so it is marked unsafe.
unsafe extern "C" {
    fn fork() -> i32;
}

fn main() {
    let pid = fork();
    println!("fork returned {pid}");
}
