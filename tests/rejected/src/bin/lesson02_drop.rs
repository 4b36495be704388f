// error[E0040]: nobody ends a daemon by hand, it would end a second time.
struct Daemon(std::process::Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let worker = std::process::Command::new("sleep").arg("60").spawn();
    let mut worker = Daemon(worker.unwrap());
    worker.drop();
}
