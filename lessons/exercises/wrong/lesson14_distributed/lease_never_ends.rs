/// Which task is leased to which worker.
pub struct LeaseTable {
    duration: u64,
    tasks: Vec<Task>,
}

#[derive(Clone, Default)]
struct Task {
    holder: Option<String>,
    until: u64,
    done_by: Option<String>,
}

impl LeaseTable {
    /// A table of the tasks `0..tasks`, with leases that last so long.
    pub fn new(tasks: usize, duration: u64) -> Self {
        Self { duration, tasks: vec![Task::default(); tasks] }
    }

    /// Leases a task to a worker, if there is one.
    pub fn lease(&mut self, worker: &str, now: u64) -> Option<usize> {
        let is_free =
            |task: &Task| task.done_by.is_none() && task.holder.is_none();
        let number = self.tasks.iter().position(is_free)?;
        let until = now + self.duration;
        let holder = Some(worker.into());
        self.tasks[number] = Task { holder, until, done_by: None };
        Some(number)
    }

    /// A worker sends the result of a task. Returns whether it counts.
    pub fn complete(&mut self, worker: &str, task: usize) -> bool {
        let task = &mut self.tasks[task];
        if task.done_by.is_some() {
            return false;
        }
        task.done_by = Some(worker.into());
        true
    }

    /// How many results of this worker count.
    pub fn credit(&self, worker: &str) -> usize {
        let tasks = self.tasks.iter();
        tasks.filter(|task| task.done_by.as_deref() == Some(worker)).count()
    }
}
