//! The table alone, without threads or clocks.

use pymanagers::Object;

use super::*;
use crate::Done;

const TRIES: u32 = 2;
const LEASE: Duration = Duration::from_secs(10);

fn task(id: u64) -> Task {
    Task { id, body: id.cast_signed().into() }
}

fn table(tasks: u64) -> (LeaseTable, Instant) {
    let mut table = LeaseTable::default();
    assert!((0..tasks).all(|id| table.add(task(id))));
    (table, Instant::now())
}

fn done(task: u64) -> Option<Report> {
    Some(Report::Done(Done { task, result: Value::None }))
}

fn failed(task: u64, why: &str) -> Report {
    Report::Failed { task, why: why.into() }
}

fn ids(leases: &[Lease]) -> Vec<u64> {
    leases.iter().map(|lease| lease.task.id).collect()
}

#[track_caller]
fn assert_counts(table: &LeaseTable, expected: [usize; 4]) {
    let Stats { waiting, leased, done, failed, .. } = table.stats;
    assert_eq!([waiting, leased, done, failed], expected);
}

#[test]
fn a_task_waits_is_leased_and_is_settled_once() {
    let (mut table, now) = table(2);
    assert!(!table.add(task(1)), "it is there");
    assert_counts(&table, [2, 0, 0, 0]);
    let leases = table.lease(1, now, Some(LEASE));
    assert_eq!((ids(&leases), leases[0].duration), (vec![0], Some(LEASE)));
    assert_counts(&table, [1, 1, 0, 0]);
    assert_eq!(table.settle(0, done(0)), Settlement::First);
    assert_counts(&table, [1, 0, 1, 0]);
    assert_eq!(table.settle(0, done(0)), Settlement::Duplicate);
    assert_eq!(table.settle(9, done(9)), Settlement::Unknown);
    assert_eq!(table.stats.duplicates, 2);
    let failure = failed(1, "no such file");
    assert_eq!(table.settle(1, Some(failure.clone())), Settlement::First);
    assert_counts(&table, [0, 0, 1, 1]);
    assert_eq!(table.reports, [done(0).unwrap(), failure]);
    assert_eq!(ids(&table.lease(9, now, None)), [0; 0], "both are settled");
    assert!(!table.add(task(1)), "it is known");
}

#[test]
fn a_lease_runs_out_at_its_deadline() {
    let (mut table, now) = table(1);
    assert_eq!(table.next_deadline(), None);
    let lease = table.lease(1, now, Some(LEASE)).remove(0);
    assert_eq!(table.next_deadline(), Some(now + LEASE));
    table.extend(0, lease.number, Some(now + 2 * LEASE));
    table.extend(0, lease.number + 1, Some(now + 3 * LEASE));
    assert_eq!(table.next_deadline(), Some(now + 2 * LEASE));
    table.expire(now + 2 * LEASE - Duration::from_nanos(1), TRIES);
    assert!(table.is_leased(0, lease.number));
    table.expire(now + 2 * LEASE, TRIES);
    assert!(!table.is_leased(0, lease.number));
    assert_eq!(table.next_deadline(), None);
    assert_counts(&table, [1, 0, 0, 0]);
    let again = table.lease(1, now, None).remove(0);
    assert_eq!((again.delivery_count, table.stats.redelivered), (2, 1));
    assert_eq!(table.next_deadline(), None, "it lasts");
    table.extend(0, again.number, Some(now));
    assert_eq!(table.next_deadline(), Some(now));
}

#[test]
fn a_task_is_given_up_after_so_many_failed_deliveries() {
    let (mut table, now) = table(2);
    let first = table.lease(1, now, Some(LEASE)).remove(0);
    assert_eq!(table.stats.redelivered, 0);
    table.release(0, first.number + 1); // These are not its lease.
    table.fail_delivery(0, first.number + 1, 1);
    assert!(table.is_leased(0, first.number));
    table.release(0, first.number);
    assert_counts(&table, [2, 0, 0, 0]);
    let both = table.lease(2, now, Some(LEASE));
    assert_eq!(ids(&both), [1, 0], "to the end of the queue");
    table.fail_delivery(0, both[1].number, TRIES);
    assert_counts(&table, [1, 1, 0, 0]);
    let again = table.lease(1, now, Some(LEASE)).remove(0);
    assert_eq!((again.task.id, again.delivery_count), (0, 3));
    table.fail_delivery(0, again.number, TRIES);
    assert_eq!(table.reports, [failed(0, "given up after 2 deliveries")]);
    assert_counts(&table, [0, 1, 0, 1]);
    table.expire(now + LEASE, 1);
    assert_eq!(table.reports[1], failed(1, "given up after 1 delivery"));
    assert_eq!(table.next_deadline(), None);
}

#[test]
fn tasks_are_found_by_their_bodies() {
    let (mut table, now) = table(2);
    assert!(table.add(Task { id: 7, ..task(1) }));
    let found = |table: &LeaseTable| table.with_body(&1.into());
    assert_eq!(found(&table), [(1, false), (7, false)]);
    table.lease(9, now, None);
    table.settle(1, None);
    assert_eq!(found(&table), [(1, true), (7, false)]);
    assert_eq!(table.with_body(&5.into()), []);
    assert_eq!(table.reports, [], "it was not to be reported");
}

#[test]
fn a_lease_of_before_a_clear_is_none_after_it() {
    let (mut table, now) = table(1);
    table.stats.workers_seen = 3;
    let before = table.lease(1, now, None).remove(0).number;
    assert!(table.is_current(before));
    table.clear();
    assert!(!table.is_current(before));
    assert_counts(&table, [0; 4]);
    assert_eq!(table.stats.workers_seen, 3);
    assert!(table.add(task(0)));
    let after = table.lease(1, now, None).remove(0).number;
    assert!(table.is_current(after) && after > before);
    assert!(!table.is_leased(0, before));
}

#[test]
fn what_is_leased_at_once_fits_into_a_message() {
    let mut table = LeaseTable::default();
    let bytes = |size: usize| Value::Bytes(vec![7; size]);
    let half = MAX_BYTES / 2 - 100;
    let bodies = [
        Value::List(vec![bytes(half)]),
        Value::Dict(vec![(1.into(), bytes(half))]),
        Value::Tuple(vec!["x".repeat(half).into(), Value::None]),
        bytes(MAX_BYTES + 1),
        bytes(MAX_BYTES / 2 - 16), // These two are just as large as allowed.
        bytes(MAX_BYTES / 2 - 16),
        Value::Long(vec![1; 99]),
        Object::builtin("ValueError", &"x".repeat(half)).into(),
        Object::builtin("ValueError", &"x".repeat(half + 99)).into(),
        Value::List(vec![Value::None; 500_000]),
        Value::List(vec![Value::None; 500_000]),
    ];
    for (id, body) in (0..).zip(bodies) {
        table.add(Task { id, body });
    }
    let now = Instant::now();
    let mut next = || ids(&table.lease(9, now, None));
    assert_eq!([next(), next()], [vec![0, 1], vec![2]]);
    assert_eq!([next(), next()], [vec![3], vec![4, 5]]);
    assert_eq!([next(), next()], [vec![6, 7], vec![8]]);
    assert_eq!([next(), next()], [vec![9], vec![10]]);
    assert!(next().is_empty());
}
