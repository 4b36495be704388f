//! One schedule, on real threads.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, Scope};

use super::source::Source;
use super::thread::{EndOfSchedule, Position, Report, Thread, Turn};

/// The threads of a program, and what they share.
///
/// See [the module](super) for an example.
pub struct Program<S: 'static> {
    /// The file that the functions of the threads are in.
    pub source: &'static str,
    /// The threads, each with its name.
    pub threads: &'static [(&'static str, Steps<S>)],
    /// What they share, before the first step.
    pub start: fn() -> S,
    /// What they share, as a reader sees it: all of it.
    pub show: fn(&S) -> String,
    /// How it has ended when all threads have finished: well, or not.
    pub end: fn(&S) -> Result<String, String>,
    /// What a reader may try to reach: the task, and how that schedule ends.
    pub goals: &'static [(&'static str, &'static str)],
}

/// What a thread does, given what the threads share.
pub type Steps<S> = fn(&Thread, &S);

/// A program between two steps.
#[derive(Clone, Debug)]
pub struct State {
    /// What the threads share.
    pub shared: String,
    /// Where each thread is.
    pub positions: Vec<Position>,
    /// How it has ended, once no thread can take a step: well, or not.
    pub end: Option<Result<String, String>>,
}

/// A step that was taken: by which thread, and what it did.
#[derive(Clone, Debug)]
pub struct Step {
    /// The thread, counted from 0.
    pub thread: usize,
    /// The line of the source, and what came of it.
    pub text: String,
    /// What the step returned.
    pub returned: String,
}

impl State {
    /// The threads that can take a step.
    pub fn ready(&self) -> impl Iterator<Item = usize> {
        let positions = self.positions.iter().enumerate();
        positions.filter(|(_, it)| it.ready_line().is_ok()).map(|(n, _)| n)
    }
}

// ANCHOR: execute
/// Makes the threads take their steps in this order, and shows each step with
/// the state after it. Returns the last state.
///
/// ```
/// use shared::schedule::{Program, Thread, execute};
/// use std::sync::Mutex;
///
/// let program = Program {
///     source: "",
///     threads: &[("t1", set)],
///     start: || Mutex::new(false),
///     show: |set| set.lock().unwrap().to_string(),
///     end: |_| Ok("All is done.".into()),
///     goals: &[],
/// };
/// fn set(me: &Thread, set: &Mutex<bool>) {
///     me.step(|| *set.lock().unwrap() = true);
/// }
///
/// let end = execute(&program, &[0], |_, _| ()).unwrap();
/// assert_eq!((end.shared.as_str(), end.end.is_some()), ("true", true));
/// let error = execute(&program, &[0, 0], |_, _| ()).unwrap_err();
/// assert_eq!(error, "step 2: t1 has finished");
/// ```
///
/// # Errors
///
/// At a step that its thread cannot take: why.
pub fn execute<S: Sync + 'static>(
    program: &Program<S>,
    schedule: &[usize],
    mut show: impl FnMut(&Step, &State),
) -> Result<State, String> {
    let shared = &(program.start)();
    let source = Source(program.source);
    thread::scope(|scope| {
        // One after the other: at its gate, a thread tries what it waits for.
        let start = program.threads.iter().map(|(name, run)| {
            let handle = Handle::start(scope, name, shared, *run);
            let position = handle.report().position;
            (handle, position)
        });
        let (threads, positions): (Vec<_>, _) = start.unzip();
        let shown = (program.show)(shared);
        let mut state = State { shared: shown, positions, end: None };
        for (n, &thread) in (1..).zip(schedule) {
            let name = threads[thread].name;
            let line = state.positions[thread]
                .ready_line()
                .map_err(|why| format!("step {n}: {name} {why}"))?;
            let did = threads[thread].send(Turn::Go);
            state.positions[thread] = did.position;
            // What another thread waited for may be there now.
            for (thread, position) in threads.iter().zip(&mut state.positions) {
                if *position != Position::Finished {
                    *position = thread.send(Turn::Poll).position;
                }
            }
            state.shared = (program.show)(shared);
            state.end = end_of(program, &state, shared);
            let returned = did.did;
            let shown = match returned.as_str() {
                "" | "()" => &state.shared,
                value => value,
            };
            let text = format!("{}  // {shown}", source.step(name, line));
            show(&Step { thread, text, returned }, &state);
        }
        Ok(state)
    })
}
// ANCHOR_END: execute

/// How the program has ended, if no thread can take a step.
fn end_of<S: 'static>(
    program: &Program<S>,
    state: &State,
    shared: &S,
) -> Option<Result<String, String>> {
    if state.ready().next().is_some() {
        return None;
    }
    let names = program.threads.iter().map(|(name, _)| name);
    let waits = names.zip(&state.positions).filter_map(|(name, position)| {
        let is_at_end = *position == Position::Finished;
        let why = position.ready_line().err()?;
        (!is_at_end).then(|| format!("{name} {why}"))
    });
    let waits: Vec<_> = waits.collect();
    match waits.is_empty() {
        true => Some((program.end)(shared)),
        false => Some(Err(format!("{}, forever.", waits.join("; ")))),
    }
}

/// The other side of a thread's gates. When it is dropped, the thread ends.
pub(super) struct Handle {
    name: &'static str,
    turns: Sender<Turn>,
    reports: Receiver<Report>,
}

impl Handle {
    pub fn start<'scope, S: Sync + 'static>(
        scope: &'scope Scope<'scope, '_>,
        name: &'static str,
        shared: &'scope S,
        run: Steps<S>,
    ) -> Self {
        let (turns, its_turns) = mpsc::channel();
        let (its_reports, reports) = mpsc::channel();
        scope.spawn(move || {
            let thread = Thread::new(name, its_turns, its_reports);
            let run = AssertUnwindSafe(|| run(&thread, shared));
            match catch_unwind(run) {
                Ok(()) => thread.report(Position::Finished),
                Err(end) if end.is::<EndOfSchedule>() => {}
                Err(panic) => resume_unwind(panic),
            }
        });
        Self { name, turns, reports }
    }

    pub fn report(&self) -> Report {
        self.reports.recv().expect("a thread reports at each gate")
    }

    pub fn send(&self, turn: Turn) -> Report {
        self.turns.send(turn).expect("the thread is at a gate");
        self.report()
    }
}
