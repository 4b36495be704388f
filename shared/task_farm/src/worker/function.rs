//! The thread that calls the user's function, so that the worker's own thread
//! is free to extend leases, and to stop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::settings::Function;
use super::stop::Stop;
use crate::{Lease, Value};

/// What the worker's thread hears.
pub(super) enum Message {
    /// The result of a task of a batch: the batch's number, the task's place.
    Result(usize, usize, Result<Value, String>),
    Stop,
}

/// The thread that calls the user's function.
pub(super) struct FunctionThread {
    pub batches: Sender<(usize, Vec<Lease>)>,
    pub messages: Receiver<Message>,
    /// The number of the batch that it is to work on.
    pub batch: Arc<AtomicUsize>,
}

impl FunctionThread {
    pub fn start(mut function: Function, stop: &Stop) -> Self {
        let (batches, todo) = mpsc::channel::<(usize, Vec<Lease>)>();
        let (says, messages) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let asked = stopped.clone();
        let says_stop = says.clone();
        stop.on_stop(move || {
            asked.store(true, Relaxed);
            let _ = says_stop.send(Message::Stop);
        });
        let batch = Arc::new(AtomicUsize::new(0));
        let current = batch.clone();
        thread::spawn(move || {
            for (number, leases) in todo {
                for (at, lease) in leases.iter().enumerate() {
                    if stopped.load(Relaxed) || current.load(Relaxed) != number
                    {
                        break; // Other workers have the rest.
                    }
                    let call = AssertUnwindSafe(|| function(lease));
                    let result = catch_unwind(call);
                    let result = result.unwrap_or(Err("it panicked".into()));
                    let message = Message::Result(number, at, result);
                    if says.send(message).is_err() {
                        return;
                    }
                }
            }
        });
        Self { batches, messages, batch }
    }
}
