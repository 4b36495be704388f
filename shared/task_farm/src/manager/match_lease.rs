//! Which task a result belongs to that does not say it.
//!
//! A Python worker gets a task from one queue and puts a result to another,
//! and neither carries an id. What is known is the connection that each call
//! came on. Nothing is guessed:
//!
//! - If the connection holds exactly one lease, the result is that task's.
//! - If it holds several, the result belongs to one of them, and nothing says
//!   to which. If it has brought as many results as it holds leases when it
//!   asks for the next task or ends, all of these tasks are done.
//! - If it holds none, the task was taken on another connection: by another
//!   thread or process, or through a proxy that is gone. The same count is
//!   kept for all tasks whose connections bring no results themselves.
//!
//! If results name their tasks, none of this is needed. As long as it is not
//! known whether they do, the first result of a connection is kept: a named
//! one on the same connection shows that it was something else.

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
    convention: Convention,
}

#[derive(Default)]
struct Connection {
    leases: Vec<Lease>,
    /// It has put a result.
    has_put: bool,
    /// It has asked for a task since it got one.
    asks: bool,
    /// Results that came while it held several leases.
    unmatched: usize,
    /// What it has put, while it is not known whether results name tasks.
    kept: Option<Value>,
}

/// Whether the results of this job name their tasks.
#[derive(Clone, Copy, Default, PartialEq)]
enum Convention {
    #[default]
    Unknown,
    Named,
    Unnamed,
}

/// What a result is to be reported as.
#[derive(Debug, PartialEq)]
pub(super) enum Match {
    /// The result of this lease.
    Lease(Lease, Value),
    /// Not known.
    Unmatched(Value),
    /// These have all their results, which were not matched.
    Settled(Vec<Lease>),
}

impl LeaseOwners {
    /// `may_name`: results may name their tasks.
    pub fn new(may_name: bool) -> Self {
        let convention = match may_name {
            true => Convention::Unknown,
            false => Convention::Unnamed,
        };
        Self { convention, ..Self::default() }
    }

    /// The connection asks for a task. Whether it is new here.
    pub fn asks(&mut self, connection: u64) -> (bool, Vec<Match>) {
        let known = self.connections.len();
        let own = self.connections.entry(connection).or_default();
        own.asks = true;
        let mut matches = own.decide(&mut self.convention);
        matches.extend(self.settle_others());
        (self.connections.len() > known, matches)
    }

    pub fn add(&mut self, connection: u64, lease: Lease) {
        let own = self.connections.entry(connection).or_default();
        own.asks = false;
        own.leases.push(lease);
    }

    /// Takes the latest lease back: its task was not delivered.
    pub fn undo(&mut self, connection: u64) -> Option<Lease> {
        self.connections.get_mut(&connection)?.leases.pop()
    }

    /// A connection has ended. If its worker has died, its leases are
    /// returned. `None` if it never took part.
    pub fn ended(
        &mut self,
        connection: u64,
        lives_on: bool,
    ) -> Option<(Vec<Lease>, Vec<Match>)> {
        let mut ended = self.connections.remove(&connection)?;
        let mut matches = ended.decide(&mut self.convention);
        let mut released = Vec::new();
        if !lives_on {
            released.clone_from(&ended.leases);
        }
        // If one has died, another's result may still be that of its task.
        if lives_on || self.unmatched > 0 {
            self.orphans.append(&mut ended.leases);
        }
        if lives_on {
            matches.extend(self.settle_others());
        }
        Some((released, matches))
    }

    /// A result has come that names its task, by the task's body: the lease of
    /// it, the connection's own or else any other; and what was kept.
    pub fn named(
        &mut self,
        connection: u64,
        body: &Value,
    ) -> (Option<Lease>, Vec<Match>) {
        let mut matches = Vec::new();
        if self.convention == Convention::Unknown {
            self.convention = Convention::Named;
            self.unmatched = 0;
            for other in self.connections.values_mut() {
                other.unmatched = 0;
                matches.extend(other.kept.take().map(Match::Unmatched));
            }
        }
        (self.with_body(connection, body), matches)
    }

    /// The lease of the task with this body.
    pub fn with_body(
        &mut self,
        connection: u64,
        body: &Value,
    ) -> Option<Lease> {
        let take = |leases: &mut Vec<Lease>| {
            let at = leases.iter().position(|it| it.task.body == *body)?;
            Some(leases.remove(at))
        };
        if let Some(own) = self.connections.get_mut(&connection)
            && let Some(lease) = take(&mut own.leases)
        {
            return Some(lease);
        }
        let mut others = self.connections.values_mut();
        let other = others.find_map(|other| take(&mut other.leases));
        other.or_else(|| take(&mut self.orphans))
    }

    /// A result has come that names no task.
    pub fn match_lease(&mut self, connection: u64, value: Value) -> Vec<Match> {
        if self.convention == Convention::Named {
            return vec![Match::Unmatched(value)]; // It is no result.
        }
        let Some(own) = self.connections.get_mut(&connection) else {
            self.unmatched += 1;
            let settled = self.settle_others();
            return [Match::Unmatched(value)]
                .into_iter()
                .chain(settled)
                .collect();
        };
        own.has_put = true;
        match own.leases.len() {
            1 if own.unmatched == 0 && own.kept.is_none() => {
                if self.convention == Convention::Unknown {
                    own.kept = Some(value);
                    return Vec::new();
                }
                vec![Match::Lease(own.leases.remove(0), value)]
            }
            0 => {
                self.unmatched += 1;
                vec![Match::Unmatched(value)]
            }
            _ => {
                own.unmatched += 1;
                let mut all = vec![Match::Unmatched(value)];
                if let Some(kept) = own.kept.take() {
                    own.unmatched += 1;
                    all.insert(0, Match::Unmatched(kept));
                }
                all
            }
        }
    }

    /// Whether the results of others are now as many as the tasks whose
    /// connections bring none, and wait for more or have ended.
    fn settle_others(&mut self) -> Option<Match> {
        let takers = self.connections.values_mut();
        let takers = takers.filter(|it| !it.has_put && !it.leases.is_empty());
        let mut takers: Vec<_> = takers.collect();
        let leases = takers.iter().map(|it| it.leases.len()).sum::<usize>();
        let all = leases + self.orphans.len();
        let is_at_work = takers.iter().any(|it| !it.asks);
        if is_at_work || all == 0 || all != self.unmatched {
            return None;
        }
        self.unmatched = 0;
        self.convention = Convention::Unnamed;
        let mut settled = std::mem::take(&mut self.orphans);
        settled.extend(takers.iter_mut().flat_map(|it| it.leases.drain(..)));
        Some(Match::Settled(settled))
    }
}

impl Connection {
    /// It asks for more, or ends: what it has put were its results.
    fn decide(&mut self, convention: &mut Convention) -> Vec<Match> {
        if let Some(kept) = self.kept.take() {
            *convention = Convention::Unnamed;
            return vec![match self.leases.len() {
                1 => Match::Lease(self.leases.remove(0), kept),
                _ => Match::Unmatched(kept),
            }];
        }
        let all = self.leases.len();
        if all == 0 || self.unmatched != all {
            return Vec::new();
        }
        *convention = Convention::Unnamed;
        self.unmatched = 0;
        vec![Match::Settled(std::mem::take(&mut self.leases))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    fn lease(id: u64) -> Lease {
        let task = Task { id, body: id.cast_signed().into() };
        Lease { task, number: id, delivery_count: 1, duration: None }
    }

    /// Connections, and the tasks that they have got.
    fn owners(may_name: bool, leases: &[(u64, u64)]) -> LeaseOwners {
        let mut owners = LeaseOwners::new(may_name);
        for (connection, id) in leases {
            assert_eq!(owners.asks(*connection).1, []);
            owners.add(*connection, lease(*id));
        }
        owners
    }

    fn unmatched(value: i64) -> Match {
        Match::Unmatched(value.into())
    }

    #[test]
    fn the_only_lease_of_a_connection_has_its_result() {
        let mut owners = owners(false, &[(1, 10), (2, 20)]);
        let of = |id, value: i64| [Match::Lease(lease(id), value.into())];
        assert_eq!(owners.match_lease(2, 7.into()), of(20, 7));
        assert_eq!(owners.match_lease(1, 8.into()), of(10, 8));
        assert_eq!(owners.match_lease(1, 9.into()), [unmatched(9)]);
    }

    #[test]
    fn a_result_of_several_leases_is_credited_to_none() {
        let mut owners = owners(false, &[(1, 10), (1, 11)]);
        assert_eq!(owners.match_lease(1, 7.into()), [unmatched(7)]);
        assert_eq!(owners.asks(1).1, [], "one is missing");
        owners.add(1, lease(12));
        assert_eq!(owners.match_lease(1, 8.into()), [unmatched(8)]);
        assert_eq!(owners.match_lease(1, 9.into()), [unmatched(9)]);
        let all = vec![lease(10), lease(11), lease(12)];
        assert_eq!(owners.asks(1).1, [Match::Settled(all)]);
    }

    #[test]
    fn results_of_another_connection_settle_what_was_taken_when_all_came() {
        let mut owners = owners(false, &[(1, 10), (1, 11)]);
        assert_eq!(owners.match_lease(3, 7.into()), [unmatched(7)]);
        assert_eq!(owners.ended(1, true), Some((vec![], vec![])));
        let both = Match::Settled(vec![lease(10), lease(11)]);
        assert_eq!(owners.match_lease(4, 8.into()), [unmatched(8), both]);
    }

    #[test]
    fn a_heartbeat_of_another_thread_settles_nothing() {
        let mut owners = owners(true, &[(1, 10)]);
        assert_eq!(owners.match_lease(2, 0.into()), [unmatched(0)]);
        let (found, kept) = owners.named(1, &10.into());
        assert_eq!((found, kept), (Some(lease(10)), vec![]));
        assert_eq!(owners.match_lease(2, 0.into()), [unmatched(0)]);
        assert_eq!(owners.asks(1), (false, vec![]));
    }

    #[test]
    fn a_named_result_shows_that_what_was_put_before_it_was_none() {
        let mut owners = owners(true, &[(1, 10)]);
        assert_eq!(owners.match_lease(1, 7.into()), [], "it is kept");
        let found = owners.named(1, &10.into());
        assert_eq!(found, (Some(lease(10)), vec![unmatched(7)]));
        assert_eq!(owners.match_lease(1, 8.into()), [unmatched(8)]);
    }

    #[test]
    fn without_a_named_result_the_next_question_decides() {
        let mut owners = owners(true, &[(1, 10)]);
        assert_eq!(owners.match_lease(1, 7.into()), [], "it is kept");
        let first = Match::Lease(lease(10), 7.into());
        assert_eq!(owners.asks(1).1, [first]);
        owners.add(1, lease(11));
        let second = Match::Lease(lease(11), 8.into());
        assert_eq!(owners.match_lease(1, 8.into()), [second], "at once");
    }

    #[test]
    fn a_worker_that_dies_leaves_the_count_in_doubt() {
        let mut owners = owners(false, &[(1, 10), (1, 11), (2, 20)]);
        assert_eq!(owners.match_lease(3, 7.into()), [unmatched(7)]);
        let released = Some((vec![lease(20)], vec![]));
        assert_eq!(owners.ended(2, false), released);
        // The first result may have been that of 20.
        assert_eq!(owners.asks(1).1, []);
        assert_eq!(owners.match_lease(3, 8.into()), [unmatched(8)]);
    }

    #[test]
    fn a_task_that_was_not_delivered_is_taken_back() {
        let mut owners = owners(false, &[(1, 10)]);
        assert_eq!(owners.undo(1), Some(lease(10)));
        assert_eq!((owners.undo(1), owners.undo(2)), (None, None));
    }

    #[test]
    fn the_tasks_of_a_worker_that_has_died_are_not_waited_for() {
        let mut owners = owners(false, &[(1, 10), (2, 20)]);
        assert_eq!(owners.ended(2, false), Some((vec![lease(20)], vec![])));
        assert_eq!(owners.match_lease(3, 7.into()), [unmatched(7)]);
        assert_eq!(owners.asks(1).1, [Match::Settled(vec![lease(10)])]);
    }

    #[test]
    fn a_connection_that_only_brings_results_brings_those_of_others() {
        let mut owners = owners(false, &[(1, 10)]);
        assert_eq!(owners.asks(2), (true, vec![]));
        assert_eq!(owners.match_lease(2, 7.into()), [unmatched(7)]);
        assert_eq!(owners.asks(1).1, [Match::Settled(vec![lease(10)])]);
    }

    #[test]
    fn a_connection_that_brings_its_own_results_is_not_counted_for_others() {
        let mut owners = owners(false, &[(1, 10), (2, 20), (2, 21)]);
        assert_eq!(owners.match_lease(2, 8.into()), [unmatched(8)]);
        assert_eq!(owners.match_lease(3, 7.into()), [unmatched(7)]);
        assert_eq!(owners.asks(1).1, [Match::Settled(vec![lease(10)])]);
    }

    /// The first result was one of two tasks', and one of these was put back.
    #[test]
    fn the_last_of_several_leases_is_still_in_doubt() {
        let mut owners = owners(false, &[(1, 10), (1, 11)]);
        assert_eq!(owners.match_lease(1, 7.into()), [unmatched(7)]);
        assert_eq!(owners.with_body(1, &10.into()), Some(lease(10)));
        assert_eq!(owners.match_lease(1, 8.into()), [unmatched(8)]);
    }

    #[test]
    fn a_result_that_was_kept_counts_when_another_lease_came() {
        let mut owners = owners(true, &[(1, 10)]);
        assert_eq!(owners.match_lease(1, 7.into()), [], "it is kept");
        owners.add(1, lease(11));
        let both = [unmatched(7), unmatched(8)];
        assert_eq!(owners.match_lease(1, 8.into()), both);
        let all = vec![lease(10), lease(11)];
        assert_eq!(owners.asks(1).1, [Match::Settled(all)]);
    }

    #[test]
    fn a_named_result_is_found_whichever_connection_took_the_task() {
        let mut owners = owners(true, &[(1, 10), (2, 20)]);
        assert_eq!(owners.named(2, &10.into()).0, Some(lease(10)));
        assert_eq!(owners.named(2, &10.into()).0, None);
        assert_eq!(owners.named(1, &20.into()).0, Some(lease(20)));
    }
}
