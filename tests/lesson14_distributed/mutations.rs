//! What CPython sends, changed at random, through a socket to a master.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use harness::Background;
use pymanagers::auth;
use pymanagers::connection::Connection;
use pymanagers::frame::read_frame;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

#[path = "../pymanagers/changed.rs"]
mod changed;

use changed::{LONG, framed, framed_change, frames, greetings, has, in_time};

use super::processes::{KEY, Memory, assert_all_shown, master, worker};
use super::raw::Raw;

/// The longest message that a master takes.
const MAX_FRAME: usize = 16 << 20;

/// The same requests for another queue.
fn requests_to(ident: &str) -> Vec<Vec<u8>> {
    let named = |request: Vec<u8>| {
        let was = request.windows(6).position(|w| w == b"\x8c\x0c7f33")?;
        let new = [&[0x8c, ident.len() as u8], ident.as_bytes()].concat();
        Some([&request[..was], &new, &request[was + 14..]].concat())
    };
    frames(&["request"]).into_iter().filter_map(named).collect()
}

/// A connection that has said that it knows the key.
fn greeted(address: &str) -> Connection {
    let mut wire =
        Connection::tcp(TcpStream::connect(address).unwrap()).unwrap();
    wire.set_deadline_in(LONG);
    auth::client_handshake(&mut wire, &KEY.into()).unwrap();
    wire
}

/// Says this, and no more; waits until the master has hung up.
fn say(mut wire: Connection, bytes: &[u8]) {
    let _ = wire.write_all(bytes); // It may have hung up already.
    wire.shutdown(Shutdown::Write);
    wire.set_deadline_in(LONG);
    if let Err(error) = wire.read_to_end(&mut Vec::new()) {
        assert_ne!(error.kind(), ErrorKind::TimedOut, "the master hangs");
    }
}

/// The frame that makes a connection one for calls.
fn hello() -> Vec<u8> {
    let all = frames(&["request"]);
    framed(all.iter().find(|r| has(r, b"accept_connection")).expect("one"))
}

/// One connection that makes no sense. How many frames it has sent.
fn torment(address: &str, random: &mut StdRng) -> usize {
    if random.random_ratio(1, 4) {
        let stream = TcpStream::connect(address).unwrap();
        say(Connection::tcp(stream).unwrap(), &greetings(random, 1));
        return 3;
    }
    let mut wire = greeted(address);
    if random.random_ratio(1, 4) {
        say(wire, &framed_change(random, &frames(&["request"])));
        return 1;
    }
    wire.write_all(&hello()).unwrap();
    let requests = match random.random_ratio(1, 2) {
        true => requests_to("1"),
        // No worker brings a result to wait for.
        false => {
            requests_to("2").into_iter().filter(|r| !has(r, b"get")).collect()
        }
    };
    let frames = (0..4).flat_map(|_| framed_change(random, &requests));
    say(wire, &frames.collect::<Vec<_>>());
    4
}

/// A master with 200 tasks, where it is, and what it has taken so far.
fn victim() -> (Background, String, Memory) {
    let (master, address) = master(&["--tasks", "200"]);
    let raw = Raw::connect(address.parse().unwrap());
    assert_eq!(raw.create("get_task_queue"), "1");
    assert_eq!(raw.create("get_result_queue"), "2");
    let memory = Memory::of(&master);
    (master, address, memory)
}

/// It still answers, has not taken much, and does its work as if nothing had
/// been; and it has no word of a panic to say.
#[track_caller]
fn assert_sound(master: Background, address: &str, before: Memory) {
    let mut raw = Raw::connect(address.parse().unwrap());
    raw.call("1", "qsize", &[]);
    let after = Memory::of(&master);
    let grown = after.resident - before.resident;
    assert!(grown < 256 << 20, "{grown} bytes in use");
    let grown = after.reserved - before.reserved;
    assert!(grown < 1536 << 20, "{grown} bytes reserved");
    drop(raw);
    worker(address, &["--delay", "0"]).end();
    let run = master.end();
    assert_all_shown(&run, 200);
    assert!(run.all("{*}panicked{*}").is_empty(), "{:#?}", run.lines);
}

#[test]
fn a_master_survives_nonsense() {
    in_time(|| {
        let (master, address, before) = victim();
        let sent = thread::scope(|s| {
            let many = [0, 1, 2, 3].map(|seed| {
                let address = &address;
                s.spawn(move || {
                    let random = &mut StdRng::seed_from_u64(seed);
                    (0..600).map(|_| torment(address, random)).sum::<usize>()
                })
            });
            many.map(|one| one.join().unwrap()).iter().sum::<usize>()
        });
        assert!(sent > 5_000, "{sent}");
        assert_sound(master, &address, before);
    });
}

/// Small pickles that would be large ones.
fn bombs() -> [Vec<u8>; 4] {
    let mut lists = b"\x80\x04(]\x94".to_vec();
    for i in 0..21 {
        lists.extend([b']', 0x94, b'(', b'h', i, b'h', i, b'e']);
    }
    lists.extend(b"t.");
    let text =
        [&b"\x80\x04X\0\0\x10\0"[..], &[b'x'; 1 << 20], b"\x94"].concat();
    let texts = [&text[..], b"(", &b"h\0".repeat(400), b"t\x86."].concat();
    let classes = [&text[..], &b"h\0h\0\x93".repeat(400)].concat();
    [lists, texts, classes, vec![b'('; MAX_FRAME]]
}

#[test]
fn a_master_takes_no_more_memory_than_it_has_to() {
    in_time(|| {
        let (master, address, before) = victim();
        let at = address.parse().unwrap();
        let mut raw = Raw::connect(at);
        for bomb in bombs() {
            raw.bytes(&bomb);
            let reply = raw.read_message();
            assert_eq!(reply.as_tuple().unwrap()[0], "#TRACEBACK".into());
        }
        let most = (MAX_FRAME as u32).to_be_bytes();
        for head in [&i32::MAX.to_be_bytes()[..], &[0xff; 12], &most] {
            let mut stranger = TcpStream::connect(at).unwrap();
            stranger.write_all(head).unwrap();
            let chunk = [0; 1 << 16];
            let sent =
                (0..256).take_while(|_| stranger.write_all(&chunk).is_ok());
            assert!(sent.count() < 256, "16 MiB of a stranger's are read");
        }
        let announce = |i: usize| {
            let mut wire = greeted(&address);
            let mut hello = hello();
            hello.extend(most);
            hello.extend(vec![b'('; i]);
            wire.write_all(&hello).unwrap();
            read_frame(&mut wire, 99).unwrap().expect("it is welcome");
            wire
        };
        drop((0..200).map(announce).collect::<Vec<_>>()); // All at once.
        assert_sound(master, &address, before);
    });
}
