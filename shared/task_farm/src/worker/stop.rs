//! Stopping a worker, from any thread.

use std::sync::{Arc, Mutex};

/// Stops a [`Worker`](crate::Worker).
#[derive(Clone, Default)]
pub struct Stop(Arc<Mutex<StopState>>);

#[derive(Default)]
struct StopState {
    is_asked: bool,
    listeners: Vec<Box<dyn Fn() + Send>>,
}

impl Stop {
    /// The worker releases what it holds and ends, within two seconds.
    pub fn stop(&self) {
        let mut state = self.0.lock().unwrap();
        if !std::mem::replace(&mut state.is_asked, true) {
            state.listeners.iter().for_each(|listener| listener());
        }
    }

    /// Whether [`stop`](Self::stop) was called.
    pub fn is_asked(&self) -> bool {
        self.0.lock().unwrap().is_asked
    }

    /// Calls this when the worker is stopped, at once if it is.
    pub(super) fn on_stop(&self, listener: impl Fn() + Send + 'static) {
        let mut state = self.0.lock().unwrap();
        if state.is_asked {
            listener();
        }
        state.listeners.push(Box::new(listener));
    }
}
