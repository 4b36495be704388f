//! What a subject says: a job's epoch, a task's id.

use async_nats::jetstream::stream;

/// Of a task's or result's subject: the task's id, and how often the task was
/// delivered under other subjects before.
pub(super) fn read_subject(subject: &str) -> Option<(u64, u32)> {
    let mut parts = subject.split('.').skip(3);
    let task = parts.next()?.parse().ok()?;
    let earlier = parts.next().map_or(Ok(0), str::parse);
    Some((task, earlier.ok()?))
}

pub(super) fn task_id(subject: &str) -> Option<u64> {
    read_subject(subject).map(|(task, _)| task)
}

/// The epoch of the job that a stream is of: the second part of its subjects.
pub(super) fn epoch(stream: &stream::Config) -> String {
    let subject = stream.subjects.first().map_or("", |it| it);
    subject.split('.').nth(1).unwrap_or_default().into()
}
