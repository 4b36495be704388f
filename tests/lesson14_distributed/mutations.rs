//! What CPython sends, changed a hundred thousand times: read or refused,
//! and the server goes on.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use harness::Background;
use pymanagers::wire::{MAX_FRAME, Wire, read_frame, write_frame};
use pymanagers::{Client, Error, auth, pickle};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::hostile::Raw;
use super::processes::{KEY, Memory, hold_all_shown, master, worker};

/// Of these kinds, what CPython once sent.
fn frames(kinds: &[&str]) -> Vec<Vec<u8>> {
    let lines = include_str!("frames.txt").lines();
    let lines = lines.filter_map(|line| line.split_once(' '));
    let lines = lines.filter(|(kind, _)| kinds.contains(kind));
    let byte = |pair: &[u8]| {
        u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()
    };
    lines.map(|(_, hex)| hex.as_bytes().chunks(2).map(byte).collect()).collect()
}

/// The same requests for another queue.
fn requests_to(ident: &str) -> Vec<Vec<u8>> {
    let named = |request: Vec<u8>| {
        let was = request.windows(6).position(|w| w == b"\x8c\x0c7f33")?;
        let new = [&[0x8c, ident.len() as u8], ident.as_bytes()].concat();
        Some([&request[..was], &new, &request[was + 14..]].concat())
    };
    frames(&["request"]).into_iter().filter_map(named).collect()
}

/// What begins a value, and is followed by its length.
const LENGTHS: &[u8] = b"\x8cX\x8dB\x8e\x8b";

/// What opens a value, or takes it from the memo, or closes it.
const OPCODES: &[u8] = b"()]}\x8fN.tesuabhj\x94qR\x81\x85\x86\x91\x93\x95c\x96";

/// One of them, with up to four changes.
fn changed(random: &mut StdRng, all: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = all.choose(random).expect("some").clone();
    for _ in 0..random.random_range(1..=4) {
        change(random, &mut bytes, all);
    }
    bytes
}

/// Puts something else in the place of a part, or between two bytes.
fn change(random: &mut StdRng, bytes: &mut Vec<u8>, all: &[Vec<u8>]) {
    let from = random.random_range(0..=bytes.len());
    let to = random.random_range(from..=bytes.len());
    let (byte, part) =
        (from..bytes.len().min(from + 1), bytes[from..to].to_vec());
    let opcode = *OPCODES.choose(random).expect("some");
    let times = random.random_range(1..=9);
    let (place, new) = match random.random_range(0..8) {
        0 | 1 => {
            let flip = 1 << random.random_range(0..8);
            (byte.clone(), bytes[byte].iter().map(|b| b ^ flip).collect())
        }
        2 => (byte, vec![opcode]),
        3 => (from..to, vec![]),
        4 => (to..to, part.repeat(times)),
        5 => {
            let other = all.choose(random).expect("some");
            let at = random.random_range(0..=other.len());
            (from..bytes.len(), other[at..].to_vec())
        }
        6 => (from..from, announcement(random)),
        _ => {
            let recalls = &[opcode, 0x94, b'h', 0][..1 + times % 4];
            (from..from, recalls.repeat(times * times))
        }
    };
    bytes.splice(place, new);
}

/// A text that says how long it is.
fn announcement(random: &mut StdRng) -> Vec<u8> {
    let opcode = LENGTHS.choose(random).expect("some");
    let length = u64::MAX >> random.random_range(0..64);
    [&[*opcode][..], &length.to_le_bytes()].concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    write_frame(&mut frame, body).unwrap();
    frame
}

/// A frame around a changed one, which may be changed in its turn.
fn framed_change(random: &mut StdRng, all: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = framed(&changed(random, all));
    if random.random_ratio(1, 4) {
        let at = random.random_range(0..4);
        frame[at] = random.random();
    }
    frame
}

/// Nothing takes that long, unless it takes for ever.
const LONG: Duration = Duration::from_secs(90);

/// Runs a test, and fails when it does not come back.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, ends) = mpsc::channel();
    let test = thread::spawn(move || {
        let _done = done; // Gone when the test has ended, well or not.
        test();
    });
    let end = ends.recv_timeout(LONG);
    assert_eq!(end, Err::<(), _>(RecvTimeoutError::Disconnected), "it hangs");
    test.join().unwrap();
}

#[test]
fn ninety_thousand_pickles_are_read_or_refused() {
    in_time(|| {
        let random = &mut StdRng::seed_from_u64(14);
        let all = frames(&["request", "reply"]);
        let (mut read, mut refused) = (0, 0);
        for _ in 0..90_000 {
            let frame = framed_change(random, &all);
            let body = read_frame(&mut &frame[..], MAX_FRAME).ok().flatten();
            let value = pickle::read_any(&body.unwrap_or_default());
            let Ok(value) = value else {
                refused += 1;
                continue;
            };
            read += 1;
            let again = pickle::write(&value);
            match pickle::read_any(&again) {
                Ok(value) => assert_eq!(pickle::write(&value), again),
                // A value may have more parts now.
                Err(pickle::Error::TooLarge(_)) => {}
                Err(error) => panic!("{error}: {value:?}"),
            }
        }
        assert!(read > 5_000 && refused > 50_000, "{read} and {refused}");
    });
}

/// A peer that says the same whatever it hears.
struct Says<'a>(&'a [u8]);

impl Read for Says<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Says<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What one side said in a handshake, its first words changed or not.
fn greetings(random: &mut StdRng, of_the_client: usize) -> Vec<u8> {
    let all = frames(&["greeting"]);
    let version = *[0, 6].choose(random).expect("two");
    let said = all[version..version + 6].iter().skip(of_the_client).step_by(2);
    let words = said.flat_map(|words| match random.random_ratio(1, 2) {
        true => framed_change(random, &all),
        false => framed(words),
    });
    words.collect()
}

#[test]
fn five_thousand_greetings_open_no_door() {
    in_time(|| {
        let random = &mut StdRng::seed_from_u64(14);
        let wrong = "it cannot know the key";
        for _ in 0..2_500 {
            let server = greetings(random, 0);
            auth::knock(&mut Says(&server), &KEY.into()).expect_err(wrong);
            let client = greetings(random, 1);
            auth::greet(&mut Says(&client), &KEY.into()).expect_err(wrong);
        }
    });
}

// Through a socket, to a master.

/// A connection that has said that it knows the key.
fn greeted(address: &str) -> Wire {
    let mut wire = Wire::new(TcpStream::connect(address).unwrap()).unwrap();
    wire.set_patience(Some(LONG)).unwrap();
    auth::knock(&mut wire, &KEY.into()).unwrap();
    wire
}

/// Says this, and no more; waits until the master has hung up.
fn say(mut wire: Wire, bytes: &[u8]) {
    let _ = wire.write_all(bytes); // It may have hung up already.
    let _ = wire.stream().shutdown(Shutdown::Write);
    wire.set_patience(Some(LONG)).unwrap();
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
        say(Wire::new(stream).unwrap(), &greetings(random, 1));
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
        // Nobody brings a result that one could wait for.
        false => {
            requests_to("2").into_iter().filter(|r| !has(r, b"get")).collect()
        }
    };
    let frames = (0..4).flat_map(|_| framed_change(random, &requests));
    say(wire, &frames.collect::<Vec<_>>());
    4
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
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
fn hold_sound(master: Background, address: &str, before: Memory) {
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
    hold_all_shown(&run, 200);
    assert!(run.all("{*}panicked{*}").is_empty(), "{:#?}", run.lines);
}

#[test]
fn a_master_outlives_those_who_torment_it() {
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
        hold_sound(master, &address, before);
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
            let reply = raw.hear();
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
        hold_sound(master, &address, before);
    });
}

/// Answers as CPython would, now and then; hangs up when it likes.
fn nonsense(stream: TcpStream, random: &mut StdRng) -> Result<(), Error> {
    let mut wire = Wire::new(stream)?;
    auth::greet(&mut wire, &KEY.into())?;
    let all = frames(&["reply"]);
    while let Some(request) = read_frame(&mut wire, MAX_FRAME)? {
        let fits = |reply: &&Vec<u8>| {
            has(&request, b"create") == has(reply, b"task_done")
        };
        let fits: Vec<_> = all.iter().filter(fits).cloned().collect();
        match random.random_range(0..4) {
            0 => write_frame(&mut wire, &changed(random, &all))?,
            1 => return Ok(wire.write_all(&framed_change(random, &all))?),
            _ => write_frame(&mut wire, fits.choose(random).expect("some"))?,
        }
    }
    Ok(())
}

#[test]
fn a_client_outlives_a_server_that_makes_no_sense() {
    in_time(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for (seed, stream) in listener.incoming().enumerate() {
                let mut random = StdRng::seed_from_u64(seed as u64);
                let talk = move || nonsense(stream.unwrap(), &mut random);
                thread::spawn(talk);
            }
        });
        let ask = || {
            let client = Client::connect(address, &KEY.into())?;
            let queue = client.queue("get_task_queue")?;
            queue.put(1.into())?;
            queue.get(Duration::ZERO)?;
            queue.qsize()
        };
        let answers: Vec<_> = (0..300).map(|_| ask()).collect();
        let sizes = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(0 < sizes && sizes < 150, "{sizes} made sense");
    });
}
