//! What CPython sends, changed at random.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use pymanagers::frame::write_frame;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Of these kinds, what CPython once sent.
pub fn frames(kinds: &[&str]) -> Vec<Vec<u8>> {
    let lines = include_str!("frames.txt").lines();
    let lines = lines.filter_map(|line| line.split_once(' '));
    let lines = lines.filter(|(kind, _)| kinds.contains(kind));
    let byte = |pair: &[u8]| {
        u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()
    };
    lines.map(|(_, hex)| hex.as_bytes().chunks(2).map(byte).collect()).collect()
}

/// What begins a value, and is followed by its length.
pub const LENGTHS: &[u8] = b"\x8cX\x8dB\x8e\x8b";

/// What opens a value, or takes it from the memo, or closes it.
pub const OPCODES: &[u8] =
    b"()]}\x8fN.tesuabhj\x94qR\x81\x85\x86\x91\x93\x95c\x96";

/// One of them, with up to four changes.
pub fn changed(random: &mut StdRng, all: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = all.choose(random).expect("some").clone();
    for _ in 0..random.random_range(1..=4) {
        change(random, &mut bytes, all);
    }
    bytes
}

/// Puts something else in the place of a part, or between two bytes.
pub fn change(random: &mut StdRng, bytes: &mut Vec<u8>, all: &[Vec<u8>]) {
    let from = random.random_range(0..=bytes.len());
    let to = random.random_range(from..=bytes.len());
    let byte = from..bytes.len().min(from + 1);
    let part = bytes[from..to].to_vec();
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
pub fn announcement(random: &mut StdRng) -> Vec<u8> {
    let opcode = LENGTHS.choose(random).expect("some");
    let length = u64::MAX >> random.random_range(0..64);
    [&[*opcode][..], &length.to_le_bytes()].concat()
}

pub fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    write_frame(&mut frame, body).unwrap();
    frame
}

/// A frame around a changed one, which may be changed in its turn.
pub fn framed_change(random: &mut StdRng, all: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = framed(&changed(random, all));
    if random.random_ratio(1, 4) {
        let at = random.random_range(0..4);
        frame[at] = random.random();
    }
    frame
}

/// Nothing takes that long, unless it takes forever.
pub const LONG: Duration = Duration::from_secs(90);

/// Runs a test, and fails when it does not come back.
pub fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, ends) = mpsc::channel();
    let test = thread::spawn(move || {
        let _done = done; // Gone when the test has ended, well or not.
        test();
    });
    let end = ends.recv_timeout(LONG);
    assert_eq!(end, Err::<(), _>(RecvTimeoutError::Disconnected), "it hangs");
    test.join().unwrap();
}

/// What one side sent in a handshake, its first words changed or not.
pub fn greetings(random: &mut StdRng, of_the_client: usize) -> Vec<u8> {
    let all = frames(&["greeting"]);
    let version = *[0, 6].choose(random).expect("two");
    let sent = all[version..version + 6].iter().skip(of_the_client).step_by(2);
    let words = sent.flat_map(|words| match random.random_ratio(1, 2) {
        true => framed_change(random, &all),
        false => framed(words),
    });
    words.collect()
}

pub fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
