//! A struct takes the place of a subclass of `Thread`.

use std::thread;

use shared::nap;

// ANCHOR: class
struct CountingThread {
    name: String,
}

impl CountingThread {
    fn run(&self) {
        for i in 0..5 {
            println!("thread {}, @number: {i}", self.name);
            nap(1.0);
        }
    }
}

pub fn class() {
    let threads =
        [1, 2, 3].map(|k| CountingThread { name: format!("Thread-{k}") });
    thread::scope(|s| {
        for thread in &threads {
            let builder = thread::Builder::new().name(thread.name.clone());
            builder.spawn_scoped(s, || thread.run()).unwrap();
        }
    }); // The scope ends when all three threads have ended.
}
// ANCHOR_END: class
