//! A task is open from some time on, or complete.

/// Which task is leased to which worker.
pub struct LeaseTable {
    duration: u64,
    tasks: Vec<Task>,
}

#[derive(Clone)]
enum Task {
    /// It can be leased from this time on.
    Open { from: u64 },
    /// This worker sent the first result.
    Complete { by: String },
}

impl LeaseTable {
    /// A table of the tasks `0..tasks`, with leases that last so long.
    pub fn new(tasks: usize, duration: u64) -> Self {
        Self { duration, tasks: vec![Task::Open { from: 0 }; tasks] }
    }

    /// Leases a task to a worker, if there is one.
    pub fn lease(&mut self, _worker: &str, now: u64) -> Option<usize> {
        for (number, task) in self.tasks.iter_mut().enumerate() {
            match task {
                Task::Open { from } if *from <= now => {
                    *from = now + self.duration;
                    return Some(number);
                }
                _ => {}
            }
        }
        None
    }

    /// A worker sends the result of a task. Returns whether it counts.
    pub fn complete(&mut self, worker: &str, task: usize) -> bool {
        if let Task::Complete { .. } = self.tasks[task] {
            return false;
        }
        self.tasks[task] = Task::Complete { by: worker.into() };
        true
    }

    /// How many results of this worker count.
    pub fn credit(&self, worker: &str) -> usize {
        let tasks = self.tasks.iter();
        let its = |task: &&Task| match task {
            Task::Complete { by } => by == worker,
            Task::Open { .. } => false,
        };
        tasks.filter(its).count()
    }
}
