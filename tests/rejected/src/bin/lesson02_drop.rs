// error[E0040]: `drop` is not called by hand; the value would be dropped twice.
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
