//! The client: threads, timeouts, and addresses.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use pymanagers::connection::Connection;
use pymanagers::frame::{read_frame, write_frame};
use pymanagers::pickle::{self, Limits};
use pymanagers::{
    Client, Error, Key, Options, Queue, Server, ServerHandle, Value, Wait, auth,
};

const NOW: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(60);

fn key() -> Key {
    Key::from("abc")
}

fn serve(queue: &Arc<Queue>) -> ServerHandle {
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    server.share("get_queue", queue.clone()).start().unwrap()
}

#[test]
fn a_thread_that_waits_keeps_no_other_thread_waiting() {
    let server = serve(&Arc::new(Queue::new(0)));
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    thread::scope(|s| {
        let gets = [(); 4].map(|()| s.spawn(|| queue.get(LONG).unwrap()));
        for n in 0..4 {
            queue.put(n, NOW).unwrap(); // All the while four threads wait.
        }
        let got = gets.map(|get| get.join().unwrap().as_int().unwrap());
        assert_eq!(got.iter().sum::<i64>(), 6);
    });
}

#[test]
fn a_threads_connection_closes_when_the_thread_ends() {
    let (sender, events) = mpsc::channel();
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.on_event(move |event| {
        let _ = sender.send(format!("{event:?}"));
    });
    let server = server.start().unwrap();
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    let first = events.recv().unwrap();
    assert!(first.starts_with("Connected { id: 1"), "{first}");
    assert!(first.contains("|a_threads_connection_closes"), "{first}");
    thread::scope(|s| {
        s.spawn(|| queue.put(1, NOW).unwrap());
    });
    let next = events.recv_timeout(LONG).unwrap();
    assert!(next.starts_with("Connected { id: "), "{next}");
    let next = events.recv_timeout(LONG).unwrap();
    assert!(next.starts_with("Disconnected { id: "), "{next}");
    assert!(!next.starts_with("Disconnected { id: 1,"), "{next}");
    assert_eq!(queue.get(NOW).unwrap(), 1.into(), "the first one is open");
}

#[test]
fn close_ends_the_calls_of_all_threads() {
    let server = serve(&Arc::new(Queue::new(0)));
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    let began = Barrier::new(2);
    thread::scope(|s| {
        let get = s.spawn(|| {
            queue.qsize().unwrap();
            began.wait();
            queue.get(Duration::MAX)
        });
        began.wait();
        client.close();
        let error = get.join().unwrap().unwrap_err();
        assert!(error.is_gone(), "{error}");
    });
    assert!(queue.put(1, NOW).unwrap_err().is_gone());
}

#[test]
fn the_longest_time_is_forever() {
    let served = Arc::new(Queue::new(1));
    let server = serve(&served);
    let time = Duration::MAX;
    let connect_timeout = time;
    let call_timeout = time;
    let limits = Limits::default();
    let options = Options { connect_timeout, call_timeout, limits };
    let client =
        Client::connect_with(server.address(), &key(), options).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    queue.put(1, time).unwrap();
    assert_eq!(queue.get(time).unwrap(), 1.into());
    served.put(2.into(), Wait::at_most(time)).unwrap();
    let both = [queue.put_request(3, NOW), queue.get_request(time)];
    let [put, got] = client.pipeline(both).try_into().unwrap();
    assert!(put.unwrap_err().is_full());
    assert_eq!(got.unwrap(), 2.into());
    drop((queue, client));
    server.shutdown(time);
}

#[test]
fn each_call_of_a_pipeline_has_its_own_result() {
    let server = serve(&Arc::new(Queue::new(0)));
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    let large = Value::Bytes(vec![7; 17 << 20]);
    let calls = [
        queue.get_request(NOW),
        queue.put_request(large, NOW), // It is not sent.
        queue.put_request(1, NOW),
        queue.get_request(NOW),
    ];
    let results = client.pipeline(calls);
    assert!(results[0].as_ref().is_err_and(Error::is_empty), "{results:?}");
    assert!(matches!(results[1], Err(Error::Pickle(_))), "{results:?}");
    assert_eq!(*results[3].as_ref().unwrap(), 1.into());
    assert_eq!(client.pipeline([]).len(), 0);
    server.shutdown(NOW);
    let gone =
        client.pipeline([queue.get_request(NOW), queue.get_request(NOW)]);
    let is_gone =
        |it: &Result<_, Error>| it.as_ref().is_err_and(Error::is_gone);
    assert!(gone.len() == 2 && gone.iter().all(is_gone), "{gone:?}");
}

/// A server that knows the key, answers `accept_connection` and `create`, and
/// nothing after that; it reads nothing either. Tells where a third connection
/// comes from.
fn frozen_server() -> (SocketAddr, mpsc::Receiver<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, events) = mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming().take(2) {
            let mut connection = Connection::tcp(stream.unwrap()).unwrap();
            auth::server_handshake(&mut connection, &key()).unwrap();
            read_frame(&mut connection, 999).unwrap();
            let made = Value::Tuple(vec!["1".into(), Value::Tuple(vec![])]);
            let reply = Value::Tuple(vec!["#RETURN".into(), made]);
            let reply = pickle::write(&reply, &Limits::default()).unwrap();
            write_frame(&mut connection, &reply).unwrap();
            open.push(connection);
        }
        let (_third, peer) = listener.accept().unwrap();
        let _ = sender.send(peer);
        thread::park();
    });
    (address, events)
}

fn quick(address: SocketAddr) -> Client {
    let call_timeout = Duration::from_millis(300);
    let options = Options { call_timeout, ..Options::default() };
    Client::connect_with(address, &key(), options).unwrap()
}

#[test]
fn a_call_of_a_frozen_server_times_out_and_so_does_the_end() {
    let (address, third) = frozen_server();
    let client = quick(address);
    let queue = client.proxy("get_queue").unwrap();
    let began = Instant::now();
    let error = queue.get(Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.to_string(), "the server does not answer");
    assert!(began.elapsed() >= Duration::from_millis(500));
    drop((queue, client)); // It does not try to give the reference back.
    let next = TcpStream::connect(address).unwrap();
    let third = third.recv_timeout(LONG).unwrap();
    assert_eq!(third, next.local_addr().unwrap());
}

#[test]
fn what_a_frozen_server_does_not_read_times_out() {
    let (address, _third) = frozen_server();
    let client = quick(address);
    let queue = client.proxy("get_queue").unwrap();
    let large = Value::Bytes(vec![7; 15 << 20]);
    let error = queue.put(large, NOW).unwrap_err();
    assert_eq!(error.to_string(), "the server does not answer");
}

#[test]
fn a_server_that_is_silent_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect_timeout = Duration::from_millis(200);
    let options = Options { connect_timeout, ..Options::default() };
    let address = silent.local_addr().unwrap();
    let error = Client::connect_with(address, &key(), options).unwrap_err();
    assert_eq!(error.to_string(), "handshake timed out");
}

#[test]
fn what_exceeds_the_limits_is_refused_where_it_is_written() {
    let served = Arc::new(Queue::new(0));
    let server = serve(&served);
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    let many = || Value::List(vec![Value::None; 1 << 20]);
    let error = queue.put(many(), NOW).unwrap_err().to_string();
    assert_eq!(error, "more than 1048576 values (the limit)");
    queue.put(Value::List(vec![1.into(); 70_000]), NOW).unwrap();
    assert!(queue.get(NOW).is_ok());
    let large = || Value::Bytes(vec![7; 17 << 20]);
    let error = queue.put(large(), NOW).unwrap_err().to_string();
    assert_eq!(error, "more than 16777216 bytes (the limit)");
    // The server, too, says so, and nothing else waits for it.
    let mut deep = Value::None;
    for _ in 0..150 {
        deep = Value::List(vec![deep]);
    }
    for (unwritable, limit) in [
        (many(), "1048576 values"),
        (large(), "16777216 bytes"),
        (deep, "100 levels"),
    ] {
        served.put(unwritable, Wait::No).unwrap();
        served.put(2.into(), Wait::No).unwrap();
        let error = queue.get(NOW).unwrap_err();
        let Error::Remote(line) = error else {
            panic!("{error}");
        };
        assert!(line.contains("does not send a result with"), "{line}");
        assert!(line.contains(limit), "{line}");
        assert_eq!(queue.get(NOW).unwrap(), 2.into());
    }
}

#[test]
fn limits_are_settings() {
    let limits = Limits { bytes: 1 << 25, items: 1 << 21, depth: 500 };
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.limits(limits).start().unwrap();
    let options = Options { limits, ..Options::default() };
    let address = server.address();
    let client = Client::connect_with(address, &key(), options).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    for item in [
        Value::List(vec![Value::None; 1 << 20]),
        Value::Bytes(vec![7; 17 << 20]),
    ] {
        queue.put(item.clone(), NOW).unwrap();
        assert!(queue.get(NOW).unwrap() == item);
    }
}

#[test]
fn what_a_client_cannot_read_is_passed_over() {
    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let served = Arc::new(Queue::new(0));
    let server = serve(&served);
    let address = server.address();
    let client = Client::connect_with(address, &key(), options).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    served.put(Value::Bytes(vec![7; 2 << 20]), Wait::No).unwrap();
    served.put(2.into(), Wait::No).unwrap();
    let error = queue.get(NOW).unwrap_err().to_string();
    assert!(error.ends_with("bytes (the limit is 1048576)"), "{error}");
    assert_eq!(queue.get(NOW).unwrap(), 2.into());
}

#[test]
fn an_empty_key_is_refused() {
    let empty = Key::from("");
    assert!(Server::bind("127.0.0.1:0", &empty).is_err());
    let server = serve(&Arc::new(Queue::new(0)));
    let error = Client::connect(server.address(), &empty).unwrap_err();
    assert_eq!(error.to_string(), "the key is empty");
}

#[test]
fn a_server_may_listen_at_an_ipv6_address() {
    if TcpStream::connect("[::1]:1").is_err_and(|error| {
        error.kind() == std::io::ErrorKind::AddrNotAvailable
    }) {
        eprintln!("this machine has no IPv6");
        return;
    }
    let server = Server::bind("[::1]:0", &key()).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.start().unwrap();
    let port = server.address().port();
    let client = Client::connect(("::1", port), &key()).unwrap();
    client.proxy("get_queue").unwrap().put(1, NOW).unwrap();
}

#[test]
fn a_name_that_does_not_resolve_may_do_so_later() {
    let error = Client::connect("no-such-host.invalid:1", &key()).unwrap_err();
    assert!(error.is_gone(), "{error}");
}
