//! Accepts connections. Each has a thread and one descriptor of its own.
//!
//! A connection that has not proved yet that it knows the key costs us as much
//! as one that has. So there are at most [`MAX_UNAUTHENTICATED`] of them; when
//! one more wants to come in, the oldest of the address that has most is
//! closed, unless it is younger than [`GRACE`]. Until then the newcomer waits
//! in the system's queue, as do a thousand workers that start at once.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::event::ServerEvent;
use super::registry::Registry;
use crate::address::Socket;
use crate::auth::Key;
use crate::error::Error;
use crate::pickle::Limits;

/// At most so many connections may be in the handshake at once.
const MAX_UNAUTHENTICATED: usize = 256;

/// So much time each of them has in any case.
const GRACE: Duration = Duration::from_secs(2);

/// So many addresses of refused connections are remembered.
const MAX_REFUSED: usize = 1024;

pub(super) struct Inner {
    pub key: Key,
    pub registry: Registry,
    pub on_event: Box<dyn Fn(ServerEvent) + Send + Sync>,
    pub limits: Limits,
    pub write_timeout: Duration,
    pub connections: Mutex<Connections>,
    /// The connections have.
    pub changed: Condvar,
    pub closed: Arc<AtomicBool>,
}

#[derive(Default)]
pub(super) struct Connections {
    open: HashMap<u64, Arc<Socket>>,
    /// Those that have not proved yet that they know the key, by their
    /// numbers, which is by their age.
    unauthenticated: BTreeMap<u64, (IpAddr, Instant)>,
    refused: HashMap<IpAddr, u64>,
    last: u64,
    pub shutdown: bool,
}

impl Connections {
    /// The one to close when there are too many, and how old it is.
    fn oldest(&self) -> Option<(u64, Duration)> {
        let mut of = HashMap::new();
        for (id, (peer, since)) in &self.unauthenticated {
            let (many, _) = of.entry(peer).or_insert((0, (*id, *since)));
            *many += 1;
        }
        let (_, (id, since)) =
            of.into_values().max_by_key(|(many, (id, _))| (*many, !*id))?;
        Some((id, since.elapsed()))
    }

    fn close_unauthenticated(&mut self, id: u64) {
        self.unauthenticated.remove(&id);
        if let Some(socket) = self.open.get(&id) {
            socket.shutdown(Shutdown::Both);
        }
    }
}

/// Takes a connection off the list when its thread ends, however it ends.
pub(super) struct ConnectionGuard<'a> {
    inner: &'a Inner,
    pub id: u64,
    pub peer: SocketAddr,
}

impl ConnectionGuard<'_> {
    pub fn mark_authenticated(&self) {
        let mut guard = self.inner.connections.lock().unwrap();
        if guard.unauthenticated.remove(&self.id).is_some() {
            self.inner.changed.notify_all();
        }
    }
}

impl Drop for ConnectionGuard<'_> {
    fn drop(&mut self) {
        let mut guard = self.inner.connections.lock().unwrap();
        guard.unauthenticated.remove(&self.id);
        guard.open.remove(&self.id);
        self.inner.changed.notify_all();
    }
}

impl Inner {
    pub fn accept(self: &Arc<Self>, listener: &TcpListener) {
        let mut failed = false;
        loop {
            self.make_room();
            let accepted = listener.accept();
            if self.is_closed() {
                return;
            }
            let started = match accepted {
                Ok((stream, peer)) => self.start_thread(stream, peer),
                Err(error) => Err(error),
            };
            if let Err(error) = started {
                if !failed {
                    (self.on_event)(ServerEvent::AcceptFailed(error));
                }
                failed = true;
                self.wait_for_a_descriptor();
            } else {
                failed = false;
            }
        }
    }

    /// Waits until there are not too many unauthenticated connections.
    fn make_room(&self) {
        let mut guard = self.connections.lock().unwrap();
        while guard.unauthenticated.len() >= MAX_UNAUTHENTICATED
            && !self.is_closed()
            && let Some((id, age)) = guard.oldest()
        {
            match GRACE.checked_sub(age).filter(|left| !left.is_zero()) {
                None => guard.close_unauthenticated(id),
                Some(left) => {
                    let woken = self.changed.wait_timeout(guard, left);
                    guard = woken.unwrap().0;
                }
            }
        }
    }

    /// Some connection will close; an idle one that is not authenticated soon.
    fn wait_for_a_descriptor(&self) {
        let mut guard = self.connections.lock().unwrap();
        match guard.oldest() {
            Some((id, age)) if age > GRACE => {
                guard.close_unauthenticated(id);
            }
            _ => {}
        }
        let pause = Duration::from_millis(50);
        drop(self.changed.wait_timeout(guard, pause).unwrap());
    }

    fn start_thread(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> io::Result<()> {
        let Ok(socket) = Socket::tcp(stream).map(Arc::new) else {
            return Ok(()); // It has gone already.
        };
        let id = {
            let mut guard = self.connections.lock().unwrap();
            guard.last += 1;
            let id = guard.last;
            guard.open.insert(id, socket.clone());
            let young = (peer.ip(), Instant::now());
            guard.unauthenticated.insert(id, young);
            id
        };
        let inner = self.clone();
        let builder = thread::Builder::new().name(format!("connection {id}"));
        let started = builder.spawn(move || {
            let guard = ConnectionGuard { inner: &inner, id, peer };
            if let Err(error) = inner.serve(socket, &guard) {
                inner.report_refused(peer, error);
            }
        });
        if started.is_err() {
            drop(ConnectionGuard { inner: self, id, peer });
        }
        started.map(drop)
    }

    fn report_refused(&self, peer: SocketAddr, error: Error) {
        let count = {
            let refused = &mut self.connections.lock().unwrap().refused;
            if refused.len() >= MAX_REFUSED && !refused.contains_key(&peer.ip())
            {
                refused.clear();
            }
            let count = refused.entry(peer.ip()).or_default();
            *count += 1;
            *count
        };
        if count.is_power_of_two() {
            (self.on_event)(ServerEvent::Refused { peer, error, count });
        }
    }

    pub fn wait_for_all(&self, timeout: Duration) {
        let end = Instant::now().checked_add(timeout);
        let mut guard = self.connections.lock().unwrap();
        while !guard.open.is_empty() {
            let left = end.map_or(Duration::from_secs(3600), |end| {
                end.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return;
            }
            let woken = self.changed.wait_timeout(guard, left);
            guard = woken.unwrap().0;
        }
    }

    pub fn close_all(&self) {
        for socket in self.connections.lock().unwrap().open.values() {
            socket.shutdown(Shutdown::Both);
        }
    }
}
