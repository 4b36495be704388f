//! The thread of a job. It keeps the connection, and makes the calls: what one
//! of them says to the server goes out in one write.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::{io, mem};

use futures_util::future::{Either, select};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, unbounded_channel,
};
use tokio::sync::watch;
use tokio::task::yield_now;

use super::address::NatsAddress;
use super::job::Job;
use crate::Error;

/// A call, which sends its result to the one that waits for it.
type Call = Box<
    dyn for<'a> FnOnce(&'a mut Job) -> Pin<Box<dyn Future<Output = ()> + 'a>>
        + Send,
>;

/// The thread, which ends when this is dropped.
pub(super) struct JobThread {
    calls: UnboundedSender<Call>,
    /// Whether the owner wants every call to end.
    pub stopped: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl JobThread {
    pub fn start(address: NatsAddress, name: String) -> Result<Self, Error> {
        let failed = |error: io::Error| Error::Failed(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let (calls, waiting) = unbounded_channel();
        let (connected, result) = mpsc::channel();
        let thread = thread::Builder::new().name("nats".into());
        let thread = thread.spawn(move || {
            runtime.block_on(async {
                match Job::connect(&address, &name).await {
                    Ok(job) => {
                        _ = connected.send(Ok(()));
                        make_calls(job, waiting).await;
                    }
                    Err(error) => _ = connected.send(Err(error)),
                }
            });
        });
        let thread = Some(thread.map_err(failed)?);
        let (stopped, _) = watch::channel(false);
        let started = Self { calls, stopped, thread };
        result.recv().expect("it says how it went")?;
        Ok(started)
    }

    /// Waits for this call, or until the owner stops it.
    pub fn call<T: Send + 'static>(
        &self,
        call: impl AsyncFnOnce(&mut Job) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, result) = mpsc::channel();
        let mut stopped = self.stopped.subscribe();
        let call: Call = Box::new(move |job| {
            Box::pin(async move {
                let stopped = pin!(stopped.wait_for(|stopped| *stopped));
                let result = match select(stopped, pin!(call(job))).await {
                    Either::Left(_) => Err(Error::Stopped),
                    Either::Right((result, _)) => result,
                };
                _ = sender.send(result);
            })
        });
        assert!(
            self.calls.send(call).is_ok(),
            "the thread lives as long as we"
        );
        result.recv().expect("a call sends its result")
    }
}

async fn make_calls(mut job: Job, mut calls: UnboundedReceiver<Call>) {
    while let Some(call) = calls.recv().await {
        call(&mut job).await;
    }
    yield_now().await; // What the last call said without an answer goes out.
}

impl Drop for JobThread {
    fn drop(&mut self) {
        self.calls = unbounded_channel().0; // The thread hears that it ends.
        if let Some(thread) = mem::take(&mut self.thread) {
            _ = thread.join();
        }
    }
}
