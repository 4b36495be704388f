//! Two of lesson 6's queues: the tasks go through one to the workers, and the
//! results come back through the other.

use std::io::{self, stdin, stdout};
use std::thread;

#[path = "../../../lessons/lesson06_process_queue/src/queue.rs"]
mod lesson;

use lesson::{Reader, Writer, queue};

pub const ROLE: &str = "queue_worker";

/// Its ends of the two queues are its standard input and output.
pub fn worker() -> io::Result<()> {
    let mut tasks = Reader::new(stdin())?;
    let mut results = Writer::new(stdout())?;
    results.put(b"ready")?;
    while let Some(task) = tasks.get()? {
        results.put(task)?;
    }
    Ok(())
}

pub fn cost(workers: usize, tasks: usize) -> f64 {
    measure(workers, tasks).expect("the queues work")
}

fn measure(workers: usize, tasks: usize) -> io::Result<f64> {
    let (mut put_tasks, get_tasks) = queue()?;
    let (put_results, mut get_results) = queue()?;
    let start = |_| {
        let mut worker = shared::child(ROLE, [""; 0])?;
        worker.stdin(get_tasks.for_child()?);
        worker.stdout(put_results.for_child()?);
        worker.spawn()
    };
    let children = (0..workers).map(start).collect::<io::Result<Vec<_>>>()?;
    drop((get_tasks, put_results)); // Only the workers have these ends now.
    let mut collect = |count: usize| {
        for _ in 0..count {
            let result = get_results.get().expect("the queue works");
            result.expect("a worker has it open");
        }
    };
    collect(workers); // Each is ready.
    let cost = super::each(tasks, |tasks| {
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..tasks {
                    put_tasks.put(b"a task").expect("the queue works");
                }
            });
            collect(tasks);
        });
    });
    drop(put_tasks);
    for mut child in children {
        assert!(child.wait()?.success());
    }
    Ok(cost)
}
