//! Peers that do not speak the protocol, or mean harm.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pymanagers::pickle::{self, Limits};
use pymanagers::{
    Client, Key, Object, Queue, Server, ServerEvent, ServerHandle, Value,
};

mod raw;

use raw::Raw;

fn key() -> Key {
    Key::from("abc")
}

/// A server with one queue, and what it tells.
fn server() -> (ServerHandle, mpsc::Receiver<String>) {
    let (sender, events) = mpsc::channel();
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    let server = server.share("get_queue", Arc::new(Queue::new(0)));
    let server = server.on_event(move |event| {
        if let ServerEvent::Refused { error, count, .. } = event {
            let _ = sender.send(format!("{error} ({count})"));
        }
    });
    (server.start().unwrap(), events)
}

/// The server still answers.
#[track_caller]
fn assert_alive(server: &ServerHandle) {
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    queue.put("alive", Duration::ZERO).unwrap();
    assert_eq!(queue.get(Duration::ZERO).unwrap(), "alive".into());
}

fn written(parts: Vec<Value>) -> Vec<u8> {
    pickle::write(&Value::Tuple(parts), &Limits::default()).unwrap()
}

fn kind(reply: &Value) -> &str {
    reply.as_tuple().unwrap()[0].as_str().unwrap()
}

#[test]
fn nonsense_before_the_key_is_refused() {
    for says in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\0\0\x01\x01",
        b"\x7f\xff\xff\xff",
        b"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\0\0\0",
        b"\0\0\0\0",
        b"\0\0\0\x10nonsense of 16 b",
    ] {
        let (server, events) = server();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(says).unwrap();
        let _ = stream.read_to_end(&mut Vec::new()); // It hangs up.
        let why = events.recv_timeout(Duration::from_secs(20)).unwrap();
        let refused = ["digest received was wrong", "a frame that is none"];
        assert!(refused.iter().any(|r| why.contains(r)), "{why}");
        assert_alive(&server);
    }
}

#[test]
fn a_peer_that_says_nothing_is_hung_up_on() {
    let (server, events) = server();
    let began = Instant::now();
    let mut silent = TcpStream::connect(server.address()).unwrap();
    silent.write_all(b"\0").unwrap();
    assert_alive(&server);
    let why = events.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(why, "handshake timed out (1)");
    assert!(began.elapsed() >= Duration::from_secs(5));
}

/// The events until the server has refused so many connections.
fn lines_until(events: &mpsc::Receiver<String>, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while !all
        .last()
        .is_some_and(|last: &String| last.ends_with(&format!("({count})")))
    {
        all.push(events.recv_timeout(Duration::from_secs(60)).unwrap());
    }
    all
}

/// Waits until it gets the server's challenge.
fn read_challenge(stream: &mut TcpStream) {
    stream.read_exact(&mut [0; 4 + 11 + 8 + 40]).unwrap();
}

#[test]
fn silent_connections_keep_no_client_out() {
    let (server, events) = server();
    let connect = |_| TcpStream::connect(server.address()).unwrap();
    let mut silent: Vec<_> = (0..256).map(connect).collect();
    silent.iter_mut().for_each(read_challenge);
    let mut one_more = connect(256);
    read_challenge(&mut one_more);
    let mut oldest = silent.remove(0);
    oldest.set_nonblocking(true).unwrap();
    assert_eq!(oldest.read(&mut [0]).unwrap(), 0, "it was closed for that");
    assert_alive(&server);
    let lines = lines_until(&events, 2);
    assert!(lines[0].starts_with("the other side hung up"), "{lines:?}");
}

#[test]
fn bare_connections_are_reported_in_sum() {
    let (server, events) = server();
    for _ in 0..100 {
        drop(TcpStream::connect(server.address()).unwrap());
    }
    let lines = lines_until(&events, 64);
    assert_eq!(lines.len(), 7, "{lines:#?}");
    drop(server);
    assert_eq!(events.iter().count(), 0, "the other 36 are not worth a line");
}

#[test]
fn three_hundred_connections_wait_to_be_accepted() {
    let server = Server::bind("127.0.0.1:0", &key()).unwrap();
    let queue = Arc::new(Queue::new(0));
    let server = server.share("get_queue", queue);
    let address = server.address();
    let wait = Duration::from_millis(900); // A lost packet comes after 1 s.
    let connect = |_| TcpStream::connect_timeout(&address, wait);
    let all: Result<Vec<_>, _> = (0..300).map(connect).collect();
    drop(all.expect("the system accepts them for us"));
    assert_alive(&server.start().unwrap());
}

#[test]
fn a_message_that_is_too_long_is_answered_and_passed_over() {
    let (server, _told) = server();
    let mut raw = Raw::connect(server.address());
    let queue = raw.create("get_queue");
    raw.bytes(&vec![b'('; 17 << 20]);
    let reply = raw.read_message();
    assert_eq!(kind(&reply), "#TRACEBACK");
    let named = "a message of 17825792 bytes (the limit is 16777216)";
    assert!(reply.to_string().contains(named), "{reply}");
    let put = raw.call(&queue, "put", &[1.into()]);
    assert_eq!(kind(&put), "#RETURN");
}

#[test]
fn nonsense_after_the_key_is_answered_and_the_connection_stays() {
    let (server, _told) = server();
    let mut raw = Raw::connect(server.address());
    let queue = raw.create("get_queue");
    let bomb = [
        &b"\x80\x04(]\x94"[..],
        &(0..30)
            .flat_map(|i| [b']', 0x94, b'(', b'h', i, b'h', i, b'e'])
            .collect::<Vec<u8>>(),
        b"t.",
    ]
    .concat();
    for frame in [
        &b""[..],
        b".",
        b"nonsense",
        b"\x80\x04N.",
        b"\x80\x04cposix\nsystem\n\x8c\x04true\x85R.",
        &bomb,
        &b"(".repeat(70_000),
        &written(vec![Value::None; 4]),
        &written(vec![1.into(), 2.into()]),
    ] {
        raw.bytes(frame);
        let reply = raw.read_message();
        assert!(matches!(kind(&reply), "#TRACEBACK" | "#ERROR"), "{reply}");
    }
    assert_eq!(kind(&raw.call("0", "put", &[1.into()])), "#TRACEBACK");
    assert_eq!(kind(&raw.call(&queue, "__init__", &[])), "#TRACEBACK");
    assert_eq!(kind(&raw.call(&queue, "put", &[])), "#ERROR");
    let put = raw.call(&queue, "put", &[1.into()]);
    assert_eq!(kind(&put), "#RETURN");
    assert_alive_after_one(&server);
}

/// As [`assert_alive`], with the one item that is there.
fn assert_alive_after_one(server: &ServerHandle) {
    let client = Client::connect(server.address(), &key()).unwrap();
    let queue = client.proxy("get_queue").unwrap();
    assert_eq!(queue.get(Duration::ZERO).unwrap(), 1.into());
}

#[test]
fn what_the_server_is_asked_for_itself() {
    let (server, _told) = server();
    let ask = |method: &str, args: &[Value]| {
        let mut one = Raw::greeted(server.address());
        one.ask(Value::None, method, args)
    };
    assert_eq!(kind(&ask("dummy", &[])), "#RETURN");
    assert_eq!(kind(&ask("nothing", &[])), "#TRACEBACK");
    assert_eq!(kind(&ask("create", &[])), "#TRACEBACK");
    assert_eq!(kind(&ask("create", &["get_gone".into()])), "#TRACEBACK");
    let surplus = ["get_queue".into(), 1.into()];
    assert_eq!(kind(&ask("create", &surplus)), "#TRACEBACK");
    let number = |n: i64| Value::Tuple(vec!["#RETURN".into(), n.into()]);
    assert_eq!(ask("number_of_objects", &[]), number(0), "nothing leaks");
    let raw = Raw::connect(server.address());
    let ident = raw.create("get_queue");
    assert_eq!(raw.create("get_queue"), ident, "one object, one ident");
    assert_eq!(ask("number_of_objects", &[]), number(1));
    let state = ["AutoProxy".into(), Value::None, ident.as_str().into()];
    let mut token =
        Object::exception("multiprocessing.managers", "Token", vec![]);
    token.state = Some(Value::Tuple(state.into()));
    assert_eq!(kind(&ask("get_methods", &[token.into()])), "#RETURN");
    for _ in 0..2 {
        let reply = ask("decref", &[ident.as_str().into()]);
        assert_eq!(kind(&reply), "#RETURN");
    }
    assert_eq!(kind(&ask("decref", &[ident.into()])), "#TRACEBACK");
    assert_eq!(ask("number_of_objects", &[]), number(0));
    assert_eq!(kind(&ask("shutdown", &[])), "#RETURN");
    server.wait_for_shutdown();
}
