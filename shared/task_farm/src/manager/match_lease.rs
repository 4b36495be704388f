//! Which task a result belongs to that does not say it.
//!
//! A Python worker gets a task from one queue and puts a result to another,
//! and neither carries an id. What is known is the connection that each call
//! came on. Nothing is guessed:
//!
//! - If the connection holds exactly one lease, the result is that task's.
//! - If it holds several, the result belongs to one of them, and nothing says
//!   to which. Only when as many results have come as it holds leases, all of
//!   these tasks are done.
//! - If it holds none, the task was taken on another connection: by another
//!   thread or process, or through a proxy that is gone. The same count is
//!   kept for all tasks whose connection brings no results itself.

use std::collections::HashMap;

use pymanagers::Value;

use crate::Lease;

/// The leases of the connections that know nothing of ids.
#[derive(Default)]
pub(super) struct LeaseOwners {
    connections: HashMap<u64, Connection>,
    /// Leases whose connection has ended while its worker lives on.
    orphans: Vec<Lease>,
    /// Results that came on connections without a lease.
    unmatched: usize,
}

#[derive(Default)]
struct Connection {
    leases: Vec<Lease>,
    /// It has put a result.
    has_put: bool,
    /// Results that came while it held several leases.
    unmatched: usize,
}

/// What a result belongs to.
#[derive(Debug, PartialEq)]
pub(super) enum Match {
    /// The result of this lease.
    Lease(Lease),
    /// Not known, and the results of some tasks are missing yet.
    Unmatched,
    /// Not known, but now these have all their results.
    Settles(Vec<Lease>),
}

impl LeaseOwners {
    /// Whether the connection is new here.
    pub fn open(&mut self, connection: u64) -> bool {
        let known = self.connections.len();
        self.connections.entry(connection).or_default();
        self.connections.len() > known
    }

    pub fn add(&mut self, connection: u64, lease: Lease) {
        self.connections.entry(connection).or_default().leases.push(lease);
    }

    /// Takes the latest lease back: its task was not delivered.
    pub fn undo(&mut self, connection: u64) -> Option<Lease> {
        self.connections.get_mut(&connection)?.leases.pop()
    }

    /// The leases of a connection whose worker has died; `None` if it never
    /// took part.
    pub fn died(&mut self, connection: u64) -> Option<Vec<Lease>> {
        let ended = self.connections.remove(&connection)?;
        if self.unmatched > 0 {
            // One of the results may be that of one of these.
            self.orphans.extend(ended.leases.iter().cloned());
        }
        Some(ended.leases)
    }

    /// A connection has ended whose worker lives on; whether it took part.
    pub fn ended(&mut self, connection: u64) -> bool {
        let ended = self.connections.remove(&connection);
        ended.map(|it| self.orphans.extend(it.leases)).is_some()
    }

    /// The lease of the task with this body: the connection's own, or else
    /// any other.
    pub fn with_body(
        &mut self,
        connection: u64,
        body: &Value,
    ) -> Option<Lease> {
        let take = |leases: &mut Vec<Lease>| {
            let at = leases.iter().position(|it| it.task.body == *body)?;
            Some(leases.remove(at))
        };
        if let Some(own) = self.connections.get_mut(&connection) {
            own.has_put = true;
            if let Some(lease) = take(&mut own.leases) {
                return Some(lease);
            }
        }
        let mut others = self.connections.values_mut();
        let other = others.find_map(|other| take(&mut other.leases));
        other.or_else(|| take(&mut self.orphans))
    }

    /// What a result belongs to that names no task.
    pub fn match_lease(&mut self, connection: u64) -> Match {
        if let Some(own) = self.connections.get_mut(&connection)
            && !own.leases.is_empty()
        {
            own.has_put = true;
            if own.leases.len() == 1 && own.unmatched == 0 {
                return Match::Lease(own.leases.remove(0));
            }
            own.unmatched += 1;
            if own.unmatched < own.leases.len() {
                return Match::Unmatched;
            }
            own.unmatched = 0;
            return Match::Settles(std::mem::take(&mut own.leases));
        }
        self.unmatched += 1;
        let takers = self.connections.values_mut().filter(|it| !it.has_put);
        let mut all: Vec<_> = takers.map(|it| &mut it.leases).collect();
        all.push(&mut self.orphans);
        if all.iter().map(|leases| leases.len()).sum::<usize>() > self.unmatched
        {
            return Match::Unmatched;
        }
        let settled: Vec<_> =
            all.into_iter().flat_map(|it| it.drain(..)).collect();
        self.unmatched = 0;
        match settled.is_empty() {
            true => Match::Unmatched,
            false => Match::Settles(settled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    fn lease(id: u64) -> Lease {
        let body = Value::from(id.cast_signed());
        let task = Task { id, body };
        Lease { task, number: id, delivery_count: 1, duration: None }
    }

    fn owners(leases: &[(u64, u64)]) -> LeaseOwners {
        let mut owners = LeaseOwners::default();
        for (connection, id) in leases {
            owners.add(*connection, lease(*id));
        }
        owners
    }

    #[test]
    fn the_only_lease_of_a_connection_has_its_result() {
        let mut owners = owners(&[(1, 10), (2, 20)]);
        assert_eq!(owners.match_lease(2), Match::Lease(lease(20)));
        assert_eq!(owners.match_lease(1), Match::Lease(lease(10)));
        assert_eq!(owners.match_lease(1), Match::Unmatched);
    }

    #[test]
    fn a_result_of_several_leases_is_credited_to_none() {
        let mut owners = owners(&[(1, 10), (1, 11)]);
        assert_eq!(owners.match_lease(1), Match::Unmatched);
        owners.add(1, lease(12));
        assert_eq!(owners.match_lease(1), Match::Unmatched);
        let all = vec![lease(10), lease(11), lease(12)];
        assert_eq!(owners.match_lease(1), Match::Settles(all));
    }

    #[test]
    fn results_of_another_connection_settle_what_was_taken_when_all_came() {
        let mut owners = owners(&[(1, 10), (1, 11), (2, 20)]);
        assert_eq!(owners.match_lease(2), Match::Lease(lease(20)));
        assert!(owners.ended(1));
        assert_eq!(owners.match_lease(3), Match::Unmatched);
        let both = vec![lease(10), lease(11)];
        assert_eq!(owners.match_lease(4), Match::Settles(both));
    }

    #[test]
    fn one_who_dies_leaves_a_count_that_is_never_reached_in_doubt() {
        let mut owners = owners(&[(1, 10), (1, 11), (2, 20)]);
        assert_eq!(owners.match_lease(3), Match::Unmatched);
        assert_eq!(owners.died(2), Some(vec![lease(20)]));
        // The first result may have been that of 20.
        assert_eq!(owners.match_lease(3), Match::Unmatched);
    }

    #[test]
    fn a_named_result_is_found_whoever_took_the_task() {
        let mut owners = owners(&[(1, 10), (2, 20)]);
        let body = Value::from(10);
        assert_eq!(owners.with_body(2, &body), Some(lease(10)));
        assert_eq!(owners.with_body(2, &body), None);
        assert_eq!(owners.match_lease(2), Match::Lease(lease(20)));
    }
}
