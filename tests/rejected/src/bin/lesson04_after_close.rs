// error[E0382]: a pool that was moved into close accepts no task.
struct Pool;

impl Pool {
    fn apply_async(&self, task: &str) {
        println!("{task} is under way");
    }

    fn close(self) -> Closed {
        Closed
    }
}

struct Closed;

impl Closed {
    fn join(self) {
        println!("all done");
    }
}

fn main() {
    let pool = Pool;
    pool.apply_async("task 0");
    let closed = pool.close();
    pool.apply_async("task 1");
    closed.join();
}
