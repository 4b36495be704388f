//! The objects that clients have proxies of, and how many proxies there are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use crate::object::{Arguments, CallError, ConnectionEnd, ManagedObject};

type Object = Arc<dyn ManagedObject>;

/// Makes an object, from the arguments that a client gave.
pub(super) type Factory = Box<
    dyn Fn(Arguments) -> Result<Arc<dyn ManagedObject>, CallError>
        + Send
        + Sync,
>;

pub(super) struct Registry {
    factories: HashMap<String, Factory>,
    objects: Mutex<Objects>,
}

#[derive(Default)]
struct Objects {
    by_ident: HashMap<String, Entry>,
    last: u64,
}

/// An object, and how many proxies refer to it.
struct Entry {
    object: Object,
    name: String,
    count: usize,
    by_host: HashMap<IpAddr, References>,
}

/// The references that processes on one host hold to one object.
///
/// The protocol does not say which process gives a reference back, and a
/// connection for calls does not say which references are its own. But a
/// Python process that ends well gives its references back just before it
/// closes its connection. So each reference that was given back lets one
/// connection of that host end well.
#[derive(Default)]
struct References {
    held: usize,
    /// Created, and no proxy made of it yet: CPython does that with an
    /// `incref`, and gives the creation's own reference back after it.
    created: usize,
    /// So many references given back will be of creations.
    proxies_made: usize,
    /// Given back, and no connection has closed for it yet.
    returned: usize,
}

/// Why a registry refused.
pub(super) enum Refusal {
    UnknownName,
    Failed(CallError),
}

impl Registry {
    pub fn new(factories: HashMap<String, Factory>) -> Self {
        Self { factories, objects: Mutex::default() }
    }

    pub fn find(&self, ident: &str) -> Option<Object> {
        let guard = self.objects.lock().unwrap();
        guard.by_ident.get(ident).map(|entry| entry.object.clone())
    }

    pub fn len(&self) -> usize {
        self.objects.lock().unwrap().by_ident.len()
    }

    /// Makes an object, or finds the one that there is; the host has one
    /// reference more then.
    pub fn create(
        &self,
        name: &str,
        arguments: Arguments,
        host: IpAddr,
    ) -> Result<(String, Object), Refusal> {
        let factory = self.factories.get(name).ok_or(Refusal::UnknownName)?;
        let object = factory(arguments).map_err(Refusal::Failed)?;
        let (ident, held) = {
            let mut guard = self.objects.lock().unwrap();
            let ident = guard.ident_of(name, &object);
            let entry = guard.by_ident.get_mut(&ident).expect("it is there");
            entry.count += 1;
            let references = entry.by_host.entry(host).or_default();
            references.created += 1;
            references.held += 1;
            (ident, references.held)
        };
        object.references_changed(host, held);
        Ok((ident, object))
    }

    /// A proxy was made; `false` when there is no such object.
    pub fn incref(&self, ident: &str, host: IpAddr) -> bool {
        self.change(ident, host, |entry, host| {
            entry.count += 1;
            let references = entry.by_host.entry(host).or_default();
            references.held += 1;
            if references.created > 0 {
                references.created -= 1;
                references.proxies_made += 1;
            }
            references.held
        })
    }

    /// A proxy was deleted; `false` when there is no such object.
    pub fn decref(&self, ident: &str, host: IpAddr) -> bool {
        self.change(ident, host, |entry, host| {
            entry.count = entry.count.saturating_sub(1);
            let references = entry.by_host.entry(host).or_default();
            references.held = references.held.saturating_sub(1);
            if references.proxies_made > 0 {
                references.proxies_made -= 1;
            } else {
                references.created = references.created.saturating_sub(1);
                references.returned += 1;
            }
            references.held
        })
    }

    fn change(
        &self,
        ident: &str,
        host: IpAddr,
        change: impl FnOnce(&mut Entry, IpAddr) -> usize,
    ) -> bool {
        let mut guard = self.objects.lock().unwrap();
        let Some(entry) = guard.by_ident.get_mut(ident) else {
            return false;
        };
        let held = change(entry, host);
        if held == 0 {
            entry.by_host.remove(&host);
        }
        let object = entry.object.clone();
        if entry.count == 0 {
            guard.by_ident.remove(ident);
        }
        drop(guard);
        object.references_changed(host, held);
        true
    }

    /// A connection from this host has closed, over which these objects were
    /// called.
    pub fn close<'a>(
        &self,
        idents: impl Iterator<Item = &'a String>,
        host: IpAddr,
    ) -> ConnectionEnd {
        let mut guard = self.objects.lock().unwrap();
        let mut end = ConnectionEnd::Released;
        for ident in idents {
            let entry = guard.by_ident.get_mut(ident);
            let references = entry.and_then(|e| e.by_host.get_mut(&host));
            match references {
                None => {} // None of them is held.
                Some(references) if references.returned > 0 => {
                    references.returned -= 1;
                }
                Some(_) => end = ConnectionEnd::Abandoned,
            }
        }
        end
    }

    pub fn describe(&self) -> String {
        let guard = self.objects.lock().unwrap();
        let mut lines: Vec<_> = guard
            .by_ident
            .iter()
            .map(|(ident, Entry { name, count, .. })| {
                format!("  {ident}:       refcount={count}\n    {name}")
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }
}

impl Objects {
    /// The ident of an object, known or new: a number, where CPython tells
    /// its clients an address in memory.
    fn ident_of(&mut self, name: &str, object: &Object) -> String {
        let at = Arc::as_ptr(object).cast::<()>();
        let known = self.by_ident.iter().find(|(_, entry)| {
            entry.name == name && Arc::as_ptr(&entry.object).cast() == at
        });
        if let Some((ident, _)) = known {
            return ident.clone();
        }
        self.last += 1;
        let ident = format!("{:x}", self.last);
        let entry = Entry {
            object: object.clone(),
            name: name.into(),
            count: 0,
            by_host: HashMap::new(),
        };
        self.by_ident.insert(ident.clone(), entry);
        ident
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Queue;

    const HOST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn registry() -> Registry {
        let queue = Arc::new(Queue::new(0));
        let factory: Factory = Box::new(move |_| Ok(queue.clone()));
        Registry::new(HashMap::from([("queue".to_string(), factory)]))
    }

    /// As CPython makes a proxy.
    fn proxy(registry: &Registry) -> String {
        let made = registry.create("queue", Arguments::default(), HOST);
        let (ident, _) = made.ok().expect("it is known");
        assert!(registry.incref(&ident, HOST));
        assert!(registry.decref(&ident, HOST));
        ident
    }

    fn close(registry: &Registry, ident: &String) -> ConnectionEnd {
        registry.close([ident].into_iter(), HOST)
    }

    #[test]
    fn a_process_that_gives_its_reference_back_ends_well() {
        let registry = registry();
        let idents = [proxy(&registry), proxy(&registry), proxy(&registry)];
        let [first, second, _] = &idents;
        assert_eq!(first, second, "one object, one ident");
        assert!(registry.decref(first, HOST));
        assert_eq!(close(&registry, first), ConnectionEnd::Released);
        assert_eq!(close(&registry, second), ConnectionEnd::Abandoned);
        assert!(registry.decref(second, HOST));
        assert!(registry.decref(second, HOST));
        assert!(!registry.decref(second, HOST), "it is forgotten");
        assert_eq!(close(&registry, second), ConnectionEnd::Released);
    }

    #[test]
    fn the_reference_of_a_creation_lets_no_connection_end_well() {
        let registry = registry();
        let ident = proxy(&registry);
        assert_eq!(close(&registry, &ident), ConnectionEnd::Abandoned);
    }

    #[test]
    fn a_client_without_increfs_ends_well() {
        let registry = registry();
        let other = proxy(&registry);
        let made = registry.create("queue", Arguments::default(), HOST);
        let (ident, _) = made.ok().expect("it is known");
        assert!(registry.decref(&ident, HOST));
        assert_eq!(close(&registry, &ident), ConnectionEnd::Released);
        assert_eq!(close(&registry, &other), ConnectionEnd::Abandoned);
    }
}
