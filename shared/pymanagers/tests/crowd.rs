//! A thousand clients that connect at once. Alone in its process, as it raises
//! the limit of descriptors.

#![cfg(target_os = "linux")]

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pymanagers::{Client, Key, Queue, Server, Wait};

/// Each has a client's connection, a server's, and one to create a proxy.
const DESCRIPTORS: u64 = 4 * 1000 + 100;

#[test]
fn a_thousand_clients_get_in_at_once() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    if hard < DESCRIPTORS {
        eprintln!("skipped: no more than {hard} descriptors");
        return;
    }
    let soft = soft.max(DESCRIPTORS);
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    let key = Key::from("abc");
    let queue = Arc::new(Queue::new(0));
    let server = Server::bind("127.0.0.1:0", &key).unwrap();
    let server = server.share("get_queue", queue.clone()).start().unwrap();
    let all_here = Barrier::new(1000);
    let all_in = Barrier::new(1000);
    thread::scope(|s| {
        for n in 0..1000 {
            let key = &key;
            let address = server.address();
            let all_here = &all_here;
            let all_in = &all_in;
            s.spawn(move || {
                all_here.wait();
                let client = Client::connect(address, key);
                all_in.wait();
                let queue = client.unwrap().proxy("get_queue").unwrap();
                queue.put(n, Duration::MAX).unwrap();
            });
        }
    });
    let numbers = (0..1000).map(|_| queue.get(Wait::No).unwrap().as_int());
    let mut numbers: Vec<_> = numbers.map(Option::unwrap).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..1000));
}
