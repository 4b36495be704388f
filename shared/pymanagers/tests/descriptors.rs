//! How many descriptors a connection costs. Alone in its process, as it counts
//! all of them, and limits them.

#![cfg(target_os = "linux")]

use std::fs;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pymanagers::{Key, Queue, Server, ServerEvent};

#[path = "../../../tests/pymanagers/raw.rs"]
mod raw;

use raw::Raw;

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_connection_costs_one_descriptor_and_the_end_of_them_is_reported_once() {
    let (sender, events) = mpsc::channel();
    let server = Server::bind("127.0.0.1:0", &Key::from("abc")).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.on_event(move |event| {
        if let ServerEvent::AcceptFailed(error) = event {
            let _ = sender.send(error);
        }
    });
    let server = server.start().unwrap();
    let connect = |_| Raw::connect(server.address());
    let first = connect(0);
    let before = descriptors();
    let mut more: Vec<_> = (0..50).map(connect).collect();
    assert_eq!(descriptors() - before, 100, "ours, and the server's");

    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let few = descriptors() as u64 + 2;
    setrlimit(Resource::RLIMIT_NOFILE, few, hard).unwrap();
    let one = std::net::TcpStream::connect(server.address()).unwrap();
    let two = std::net::TcpStream::connect(server.address()).unwrap();
    let error = events.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(error.raw_os_error(), Some(nix::libc::EMFILE));
    drop((one, two, more.pop()));
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    drop(connect(0)); // Served again.
    drop((first, more));
    assert!(events.try_recv().is_err(), "it was reported once");
}
