//! What a tiny task costs with more workers and with more tasks:
//! `cargo bench -p harness --bench growth`
//!
//! An argument measures only the rows whose ids begin with it: `pool`,
//! `queue` or `farm`.

#[cfg(unix)]
mod farm;
#[cfg(unix)]
mod pool;
#[cfg(unix)]
mod queue;

use harness::bench::{Row, figure, seconds};

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(pool::ROLE) => pool::worker()?,
        Some(queue::ROLE) => queue::worker()?,
        Some(farm::ROLE) => farm::worker(&args[1])?,
        _ => harness::bench::compare(
            [
                rows("pool", "The pool", 100_000, pool::cost),
                rows("queue", "Two queues", 100_000, queue::cost),
                rows("farm", "The farm", 10_000, farm::cost),
            ]
            .into_iter()
            .flatten()
            .collect(),
        ),
    }
    Ok(())
}

/// Measures so many workers and so many tasks, and returns microseconds a task.
type Cost = fn(usize, usize) -> f64;

/// More workers for the same tasks, then more tasks for the same workers.
fn rows(id: &str, what: &str, tasks: usize, cost: Cost) -> Vec<Row<'static>> {
    let row = |id: String, what: String, name: String, workers, tasks| {
        let measure = move |tasks| cost(workers, tasks);
        Row::new(id, what, "microseconds")
            .rounds(5)
            .times(tasks)
            .ours(name, measure)
    };
    let by_workers = [1, 2, 4, 8, 16].map(|workers| {
        let id = format!("{id}_workers_{workers}");
        let plural = if workers == 1 { "" } else { "s" };
        let name = format!("{workers} worker{plural}");
        row(
            id,
            format!("{what}: {} tasks", figure(tasks as f64)),
            name,
            workers,
            tasks,
        )
    });
    let few = (10, "10 tasks");
    let more = (1_000, "1,000 tasks");
    let many = (100_000, "100,000 tasks");
    let by_tasks = [few, more, many].map(|(tasks, name)| {
        let id = format!("{id}_tasks_{tasks}");
        row(id, format!("{what}: two workers"), name.into(), 2, tasks)
    });
    by_workers.into_iter().chain(by_tasks).collect()
}

/// Microseconds a task, when `round` does all tasks of one round. Few tasks are
/// done in many rounds, one after the other.
fn each(tasks: usize, mut round: impl FnMut(usize)) -> f64 {
    round(tasks.min(1_000)); // To warm up.
    let rounds = (10_000 / tasks).max(1);
    let all = seconds(|| (0..rounds).for_each(|_| round(tasks)));
    all / (rounds * tasks) as f64 * 1e6
}

#[cfg(not(unix))]
fn main() {
    println!("growth: this benchmark needs Unix");
}
