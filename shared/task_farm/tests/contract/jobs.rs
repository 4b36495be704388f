//! The farms that the contract is held against.

use std::time::Duration;

use pymanagers::Key;
use task_farm::{
    Done, FarmServer, JobOwner, MemoryJob, Report, Task, TaskSource,
    open_manager,
};

/// After how many failed deliveries a task is given up here.
pub const TRIES: u32 = 3;

type Open<T> = Box<dyn Fn() -> Box<T> + Sync>;

/// A job; each call opens a handle of it.
pub struct Job {
    owner: Open<dyn JobOwner>,
    worker: Open<dyn TaskSource>,
}

impl Job {
    pub fn owner(&self) -> Box<dyn JobOwner> {
        (self.owner)()
    }

    pub fn worker(&self) -> Box<dyn TaskSource> {
        (self.worker)()
    }

    /// The owner's side, after these tasks were put.
    pub fn with_tasks(&self, tasks: u64) -> Box<dyn JobOwner> {
        let mut owner = self.owner();
        let tasks: Vec<_> = (0..tasks).map(task).collect();
        assert_eq!(owner.put(&tasks), Ok(tasks.len()));
        owner
    }
}

pub fn memory(lease: Duration) -> Job {
    let job = MemoryJob::new(Some(lease)).tries(TRIES);
    let other = job.clone();
    Job {
        owner: Box::new(move || Box::new(job.clone())),
        worker: Box::new(move || Box::new(other.clone())),
    }
}

/// The owner is in the server's process, the workers reach it over TCP.
pub fn managers(lease: Duration) -> Job {
    let job = MemoryJob::new(Some(lease)).tries(TRIES);
    let key = Key::from("abc");
    let server = FarmServer::builder(job.clone());
    let server = server.open("127.0.0.1:0", key.clone()).expect("a port");
    let connect = move || open_manager(server.address(), &key);
    Job {
        owner: Box::new(move || Box::new(job.clone())),
        worker: Box::new(move || connect().expect("the server")),
    }
}

/// On NATS JetStream: one server for all tests, a job for each of them.
#[cfg(all(unix, feature = "nats"))]
pub fn nats(name: &str, lease: Duration) -> Job {
    use std::sync::OnceLock;

    use nats_cluster::{Cluster, ClusterBuilder};
    use task_farm::{JobSettings, NatsAddress, NatsJob};

    static SERVER: OnceLock<Cluster> = OnceLock::new();
    let server = SERVER
        .get_or_init(|| ClusterBuilder::new(1).start().expect("a nats-server"));
    let address: NatsAddress = server.url().parse().expect("an address");
    let settings = JobSettings { lease, tries: TRIES, replicas: 1 };
    let name = name.to_string();
    NatsJob::create(&address, &name, settings).expect("a new job");
    let same = address.clone();
    let other = name.clone();
    let open = |address: &NatsAddress, name: &str| {
        Box::new(NatsJob::open(address, name).expect("the job"))
    };
    Job {
        owner: Box::new(move || open(&same, &other)),
        worker: Box::new(move || open(&address, &name)),
    }
}

pub fn task(id: u64) -> Task {
    Task { id, body: id.cast_signed().into() }
}

pub fn done(id: u64, result: &str) -> Done {
    Done { task: id, result: result.into() }
}

/// All results that are there, in the order of their tasks.
pub fn results(owner: &mut dyn JobOwner) -> Vec<Done> {
    let mut all = Vec::new();
    loop {
        let more = owner.collect(Duration::ZERO).unwrap();
        if more.is_empty() {
            all.sort_by_key(|done: &Done| done.task);
            return all;
        }
        all.extend(more.into_iter().map(|report| match report {
            Report::Done(done) => done,
            other => panic!("no result: {other:?}"),
        }));
    }
}

/// So many failures, as soon as they have come.
pub fn failures(owner: &mut dyn JobOwner, count: usize) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    while all.len() < count {
        let more = owner.collect(Duration::from_secs(15)).unwrap();
        assert!(!more.is_empty(), "{all:?}");
        all.extend(more.into_iter().filter_map(|report| match report {
            Report::Failed { task, why } => Some((task, why)),
            _ => None,
        }));
    }
    all
}
