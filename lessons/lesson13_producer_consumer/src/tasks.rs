//! Waiting until all tasks are done, and waiting for two queues at once.

use std::thread;

use crossbeam::channel::{Receiver, Sender, never, select, unbounded};
use crossbeam::sync::WaitGroup;
use shared::{nap, timeline};

// ANCHOR: all_done
pub fn all_done() {
    let (to_queue, from_queue) = unbounded();
    let all = WaitGroup::new();
    thread::scope(|s| {
        for me in ["Worker-1", "Worker-2"] {
            let queue = from_queue.clone();
            s.spawn(move || work(me, &queue));
        }
        for task in 1..=4 {
            to_queue.send((task, all.clone())).expect("the workers wait");
        }
        let span = timeline::waiting("q.join()");
        all.wait(); // Python: q.join()
        drop(span);
        println!("main knows that all 4 tasks are done");
        drop(to_queue); // Until here the workers wait for more tasks.
    });
}

/// Each task holds a clone of the group, and drops it when it is done.
fn work(me: &str, queue: &Receiver<(u32, WaitGroup)>) {
    timeline::lane(me);
    for (task, done) in queue {
        let _span = timeline::working(&format!("task {task}"));
        nap(1.0);
        println!("{me} has done task {task}");
        drop(done); // Python: q.task_done()
    }
    println!("{me} End!");
}
// ANCHOR_END: all_done

// ANCHOR: two_queues
pub fn two_queues() {
    let (to_letters, mut letters) = unbounded();
    let (to_parcels, mut parcels) = unbounded();
    let (got_one, first) = unbounded();
    thread::scope(|s| {
        s.spawn(move || post("parcel", to_parcels));
        s.spawn(move || {
            first.recv().expect("a parcel was taken"); // No letter before.
            post("letter", to_letters);
        });
        let mut open = 2;
        while open > 0 {
            let (queue, item) = select! {
                recv(letters) -> item => (&mut letters, item),
                recv(parcels) -> item => (&mut parcels, item),
            };
            if let Ok(item) = item {
                println!("main got {item}");
                let _ = got_one.send(()); // It receives only once.
            } else {
                *queue = never(); // It is closed.
                open -= 1;
            }
        }
        println!("main has reached the end of both");
    });
}

fn post(what: &str, queue: Sender<String>) {
    timeline::lane(&format!("{what}s"));
    for n in 1..=3 {
        let _span = timeline::working(&format!("{what} {n}"));
        nap(0.5);
        queue.send(format!("{what} {n}")).expect("main takes all of them");
    }
}
// ANCHOR_END: two_queues
