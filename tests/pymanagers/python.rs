//! CPython on the other side: every one from 3.8 up that is here.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use harness::{pythons, root};
use pymanagers::{
    Address, Client, ConnectionEnd, Dict, Event, Key, List, Queue, RLock,
    Semaphore, Server, ServerEvent, Value,
};

const LONG: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

fn key() -> Key {
    Key::from("abc")
}

/// A server of everything; what it reports goes to the channel.
fn server() -> Server {
    let queue = |make: fn(usize) -> Queue| {
        move |arguments: pymanagers::Arguments| {
            let [max] = arguments.bind("Queue", ["maxsize"])?;
            let max = max.and_then(|max| max.as_int()).unwrap_or(0);
            Ok(Arc::new(make(max as usize))
                as Arc<dyn pymanagers::ManagedObject>)
        }
    };
    Server::bind("127.0.0.1:0", &key())
        .unwrap()
        .share("get_queue", Arc::new(Queue::new(0)))
        .register("Queue", queue(Queue::new))
        .register("LifoQueue", queue(Queue::lifo))
        .register("PriorityQueue", queue(Queue::priority))
        .register("Semaphore", |arguments| {
            Ok(Arc::new(Semaphore::from_python(arguments)?))
        })
        .register("BoundedSemaphore", |arguments| {
            Ok(Arc::new(Semaphore::bounded_from_python(arguments)?))
        })
        .register("list", |arguments| {
            Ok(Arc::new(List::from_python(arguments)?))
        })
        .register("dict", |arguments| {
            Ok(Arc::new(Dict::from_python(arguments)?))
        })
        .share("Event", Arc::new(Event::default()))
        .share("Lock", Arc::new(Semaphore::lock()))
        .share("RLock", Arc::new(RLock::default()))
}

fn python(python: &Path, script: &str, args: &[&str]) -> Child {
    let scripts = root().join("tests/pymanagers/scripts");
    let mut command = Command::new(python);
    command.arg(scripts.join(script)).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// What it prints; it must succeed.
#[track_caller]
fn output(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a test with every CPython at once.
fn with_each(test: impl Fn(&Path) + Sync) {
    thread::scope(|s| {
        for path in pythons() {
            let test = &test;
            s.spawn(move || test(&path));
        }
    });
}

#[test]
#[ignore = "needs python3"]
fn values_are_carried_from_one_python_to_another() {
    with_each(|path| {
        let server = server().start().unwrap();
        let port = server.address().port().to_string();
        let printed = output(python(path, "carried.py", &[&port]));
        assert_eq!(printed, "all is equal\n");
    });
}

#[test]
#[ignore = "needs python3"]
fn objects_behave_as_pythons_own() {
    with_each(|path| {
        let server = server().start().unwrap();
        let port = server.address().port().to_string();
        let printed = output(python(path, "objects.py", &[&port]));
        assert_eq!(printed, "all is right\n");
    });
}

/// How the connection of such a client ends.
fn end_of(path: &Path, how: &str) -> ConnectionEnd {
    let (sender, events) = mpsc::channel();
    let server = server().on_event(move |event| {
        if let ServerEvent::Disconnected { end, .. } = event {
            let _ = sender.send(end);
        }
    });
    let server = server.start().unwrap();
    let port = server.address().port().to_string();
    // Another one on the same host, which keeps its references.
    let mut other = python(path, "ends.py", &[&port, "stays"]);
    let mut line = String::new();
    let out = other.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)
        .unwrap();
    let one = python(path, "ends.py", &[&port, how]);
    let end = events.recv_timeout(LONG).unwrap();
    one.wait_with_output().unwrap();
    drop(other.stdin.take()); // It ends, too.
    other.wait().unwrap();
    assert_eq!(events.recv_timeout(LONG).unwrap(), ConnectionEnd::Released);
    end
}

#[test]
#[ignore = "needs python3"]
fn a_server_knows_how_a_client_ended() {
    with_each(|path| {
        let ends = ["exits", "raises", "temporary", "killed"];
        let ends = ends.map(|how| end_of(path, how));
        use ConnectionEnd::{Abandoned, Released};
        assert_eq!(ends, [Released, Released, Released, Abandoned]);
    });
}

/// A Python server, and where it listens.
fn python_server(path: &Path, address: &str) -> (Child, Address) {
    let mut child = python(path, "serves.py", &[address]);
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)
        .unwrap();
    (child, line.trim_end().into())
}

#[test]
#[ignore = "needs python3"]
fn our_client_talks_to_every_kind_of_socket() {
    with_each(|path| {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        for at in ["127.0.0.1", "::1", socket.to_str().unwrap()] {
            let (mut child, address) = python_server(path, at);
            let client = Client::connect(address, &key()).unwrap();
            let queue = client.proxy("get_queue").unwrap();
            queue.put(3411, NOW).unwrap();
            assert_eq!(queue.get(NOW).unwrap(), 3411.into(), "{at}");
            drop((queue, client));
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    });
}

#[test]
#[ignore = "needs python3"]
fn our_client_understands_what_pythons_queues_raise() {
    with_each(|path| {
        let (mut child, address) = python_server(path, "127.0.0.1");
        let client = Client::connect(address, &key()).unwrap();
        let queue = client.proxy("get_queue").unwrap();
        assert!(queue.get(NOW).unwrap_err().is_empty());
        queue.put(1, NOW).unwrap();
        let short = Duration::from_millis(10);
        assert!(queue.put(2, short).unwrap_err().is_full());
        let both = [queue.put_request(2, short), queue.get_request(NOW)];
        let [put, got] = client.pipeline(both).try_into().unwrap();
        assert!(put.unwrap_err().is_full());
        assert_eq!(got.unwrap(), 1.into());
        queue.task_done().unwrap();
        let error = queue.call("no_such", vec![]).unwrap_err().to_string();
        assert!(error.contains("no_such"), "{error}");
        if queue.has_method("shutdown") {
            queue.call("shutdown", vec![]).unwrap();
            assert!(queue.get(NOW).unwrap_err().is_shut_down());
        }
        let error = client.proxy("no_such").unwrap_err().to_string();
        assert_eq!(error, "the server does not know 'no_such'");
        let numbers = client.proxy("numbers").unwrap();
        let numbers = numbers.call("copy", vec![]).unwrap();
        assert_eq!(numbers, Value::List(vec![1.into(), 2.into()]));
        drop(child.stdin.take());
        child.wait().unwrap();
    });
}
