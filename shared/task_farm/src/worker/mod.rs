//! A worker: fetches tasks, calls a function with each, hands in the results.

mod function;
mod session;
mod settings;
mod stop;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pymanagers::{from_value, to_value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Lease, Value};
use function::FunctionThread;
use session::Session;

pub use settings::{Worker, WorkerEvent};
pub use stop::Stop;

/// How long a worker that is stopped waits for its farm to take the tasks
/// back.
const RELEASE_TIME: Duration = Duration::from_secs(2);

impl Worker {
    /// Works until the job is closed: calls the function with each task, any
    /// type that `serde` reads, and hands in what it returns, any type that
    /// `serde` writes. Its errors, a task of another type, and a panic are
    /// reported as failures.
    ///
    /// # Errors
    ///
    /// As for [`run_values`](Self::run_values).
    ///
    /// ```no_run
    /// use serde::{Deserialize, Serialize};
    /// use task_farm::Worker;
    ///
    /// #[derive(Deserialize)]
    /// struct Resize {
    ///     file: String,
    ///     width: u32,
    /// }
    ///
    /// #[derive(Serialize)]
    /// struct Resized {
    ///     bytes: u64,
    /// }
    ///
    /// Worker::connect("tcp://master.example:5000", b"abc").run(
    ///     |task: Resize| -> std::io::Result<Resized> {
    ///         let image = std::fs::read(task.file)?;
    ///         Ok(Resized { bytes: image.len() as u64 / u64::from(task.width) })
    ///     },
    /// )?;
    /// # Ok::<(), task_farm::Error>(())
    /// ```
    pub fn run<T, R, E>(
        self,
        mut function: impl FnMut(T) -> Result<R, E> + Send + 'static,
    ) -> Result<(), Error>
    where
        T: DeserializeOwned,
        R: Serialize,
        E: fmt::Display,
    {
        self.run_values(move |lease| {
            let task = from_value(lease.task.body.clone());
            let task = task.map_err(|error| format!("no task: {error}"))?;
            let result = function(task).map_err(|error| error.to_string())?;
            to_value(&result).map_err(|error| format!("no result: {error}"))
        })
    }

    /// The same, for a function that knows [`Value`]s.
    ///
    /// # Errors
    ///
    /// When the farm cannot be reached, and the worker does not retry;
    /// [`Error::Interrupted`] when it was stopped. It does not wait for the
    /// function then, which may go on in a thread of its own.
    pub fn run_values(
        self,
        function: impl FnMut(&Lease) -> Result<Value, String> + Send + 'static,
    ) -> Result<(), Error> {
        let (ended, end) = mpsc::channel();
        let asked = ended.clone();
        self.stop.on_stop(move || drop(asked.send(None)));
        let held = Arc::new(AtomicUsize::new(0));
        let function = FunctionThread::start(Box::new(function), &self.stop);
        let mut session = Session::new(self, function, held.clone());
        thread::spawn(move || ended.send(Some(session.run())));
        match end.recv().expect("it ends, or is stopped") {
            Some(result) => result,
            None => match end.recv_timeout(RELEASE_TIME) {
                Ok(result) => result.expect("it is stopped once"),
                Err(_) => {
                    let unreleased = held.load(Relaxed);
                    Err(Error::Interrupted { unreleased })
                }
            },
        }
    }
}
