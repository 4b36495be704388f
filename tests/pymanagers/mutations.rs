//! What CPython sends, changed a hundred thousand times: read or refused.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use pymanagers::connection::Connection;
use pymanagers::frame::{read_frame, write_frame};
use pymanagers::pickle::{self, Limits};
use pymanagers::{Client, Error, auth};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

mod changed;

use changed::{changed, framed_change, frames, greetings, has, in_time};

const KEY: &str = "abc";

#[test]
fn ninety_thousand_pickles_are_read_or_refused() {
    assert_pickles(90_000, 14);
}

#[test]
#[ignore = "takes a minute"]
fn a_million_pickles_are_read_or_refused() {
    assert_pickles(1_000_000, rand::random());
}

/// Changes frames of CPython's, and reads them: within the limits, and what
/// was read is written and read again as the same.
fn assert_pickles(number: usize, seed: u64) {
    eprintln!("seed {seed}");
    in_time(move || {
        let random = &mut StdRng::seed_from_u64(seed);
        let all = frames(&["request", "reply"]);
        let mut read = 0;
        let mut refused = 0;
        let limits = Limits::default();
        for _ in 0..number {
            let frame = framed_change(random, &all);
            let body = read_frame(&mut &frame[..], limits.bytes).ok().flatten();
            let value = pickle::read(&body.unwrap_or_default(), &limits);
            let Ok(value) = value else {
                refused += 1;
                continue;
            };
            read += 1;
            let again = pickle::write(&value, &limits).unwrap();
            let value = pickle::read(&again, &limits).unwrap();
            assert_eq!(pickle::write(&value, &limits), Ok(again));
        }
        assert!(
            read > number / 18 && refused > number / 2,
            "{read} and {refused}"
        );
        assert_little_memory();
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

#[test]
fn five_thousand_handshakes_open_no_door() {
    assert_handshakes(2_500, 14);
}

/// A million frames: three in each handshake.
#[test]
#[ignore = "takes a minute"]
fn a_million_frames_of_handshakes_open_no_door() {
    assert_handshakes(170_000, rand::random());
}

/// Both sides read changed greetings of CPython's, so many times.
fn assert_handshakes(number: usize, seed: u64) {
    eprintln!("seed {seed}");
    in_time(move || {
        let random = &mut StdRng::seed_from_u64(seed);
        let wrong = "it cannot know the key";
        for _ in 0..number {
            let server = greetings(random, 0);
            auth::client_handshake(&mut Says(&server), &KEY.into())
                .expect_err(wrong);
            let client = greetings(random, 1);
            auth::server_handshake(&mut Says(&client), &KEY.into())
                .expect_err(wrong);
        }
        assert_little_memory();
    });
}

/// The most that this process has had so far.
fn assert_little_memory() {
    let status = std::fs::read_to_string("/proc/self/status");
    let status = status.unwrap_or_default(); // Only Linux has it.
    let mut lines = status.lines();
    if let Some(most) = lines.find_map(|line| line.strip_prefix("VmHWM:")) {
        let kilobytes = most.trim().trim_end_matches(" kB");
        let kilobytes: usize = kilobytes.parse().unwrap();
        assert!(kilobytes < 512 << 10, "{kilobytes} kB");
    }
}

/// Answers as CPython would, now and then; hangs up when it likes.
fn nonsense(stream: TcpStream, random: &mut StdRng) -> Result<(), Error> {
    let mut wire = Connection::tcp(stream)?;
    auth::server_handshake(&mut wire, &KEY.into())?;
    let all = frames(&["reply"]);
    while let Some(request) = read_frame(&mut wire, 1 << 20)? {
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
            let queue = client.proxy("get_task_queue")?;
            queue.put(1, Duration::ZERO)?;
            queue.get(Duration::ZERO)?;
            queue.qsize()
        };
        let answers: Vec<_> = (0..300).map(|_| ask()).collect();
        let sizes = answers.iter().filter(|answer| answer.is_ok()).count();
        assert!(0 < sizes && sizes < 150, "{sizes} made sense");
    });
}
