//! Every schedule of a program.

use std::collections::BTreeMap;

use super::execution::{Program, State, Step, execute};
use super::thread::Position;

// ANCHOR: Graph
/// The states that a program can be in, and the steps between them.
///
/// See [the module](super) for an example.
pub struct Graph {
    /// The first one is the start. The steps lead only to later ones.
    pub states: Vec<State>,
    /// The steps from each state, one for each thread that can take one.
    pub edges: Vec<Vec<Edge>>,
    /// A shortest schedule to each state.
    pub shortest: Vec<Vec<usize>>,
}

/// A step from one state to another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The step.
    pub step: Step,
    /// The number of the state after it.
    pub to: usize,
}

/// Two schedules lead to the same state if they agree in this. What a thread
/// will do depends only on what its own steps have returned, and on what the
/// threads share; a thread at its end will do nothing.
type Key = (String, Vec<Position>, Vec<Vec<String>>);

impl Graph {
    /// Runs the program again and again, until each thread has taken its step
    /// in each state in which it can.
    pub fn of<S: Sync + 'static>(program: &Program<S>) -> Self {
        let mut graph =
            Self { states: vec![], edges: vec![], shortest: vec![] };
        let mut known = BTreeMap::new();
        graph.visit(program, vec![], &mut known);
        let mut from = 0;
        while from < graph.states.len() {
            let ready: Vec<_> = graph.states[from].ready().collect();
            for thread in ready {
                let schedule = [&graph.shortest[from][..], &[thread]].concat();
                let edge = graph.visit(program, schedule, &mut known);
                graph.edges[from].extend(edge);
            }
            from += 1;
        }
        graph
    }

    /// Follows a schedule, and returns its last step. A state that was not
    /// known is a new one.
    fn visit<S: Sync + 'static>(
        &mut self,
        program: &Program<S>,
        schedule: Vec<usize>,
        known: &mut BTreeMap<Key, usize>,
    ) -> Option<Edge> {
        let mut steps = vec![];
        let mut returned = vec![vec![]; program.threads.len()];
        let state = execute(program, &schedule, |step, state| {
            let its = &mut returned[step.thread];
            match state.positions[step.thread] {
                Position::Finished => its.clear(),
                Position::Gate { .. } => its.push(step.returned.clone()),
            }
            steps.push(step.clone());
        });
        let state = state.expect("each thread was ready");
        let key = (state.shared.clone(), state.positions.clone(), returned);
        let to = *known.entry(key).or_insert(self.states.len());
        if let Some(known) = self.states.get(to) {
            assert_eq!(known.end, state.end, "`show` shows all of it");
        } else {
            self.states.push(state);
            self.edges.push(vec![]);
            self.shortest.push(schedule);
        }
        Some(Edge { step: steps.pop()?, to })
    }

    /// How many schedules there are, each to its end.
    pub fn schedules(&self) -> u64 {
        self.count(|_| true)
    }

    /// How many of them end well.
    pub fn schedules_that_end_well(&self) -> u64 {
        self.count(Result::is_ok)
    }

    /// A shortest schedule that ends so.
    pub fn shortest_to(&self, end: &str) -> Option<Vec<usize>> {
        let ends_so = |state: &&State| match &state.end {
            Some(Ok(text) | Err(text)) => text == end,
            None => false,
        };
        let state = self.states.iter().position(|it| ends_so(&it))?;
        Some(self.shortest[state].clone())
    }

    /// From the last state to the first: the schedules from a state are those
    /// from the states after it.
    fn count(&self, is_counted: fn(&Result<String, String>) -> bool) -> u64 {
        let mut from = vec![0; self.states.len()];
        for n in (0..from.len()).rev() {
            from[n] = match &self.states[n].end {
                Some(end) => u64::from(is_counted(end)),
                None => self.edges[n].iter().map(|edge| from[edge.to]).sum(),
            };
        }
        from[0]
    }
}
// ANCHOR_END: Graph
