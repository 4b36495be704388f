//! The ways that a message takes, and what they are compared with.

use std::fs::File;
use std::io::{self, BufReader, IoSlice, Read, Write, stdin};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use harness::bench::Side::{CPython, Limit, Ours};
use harness::bench::{self, Series, Table, figure, here, python, times, turns};
use shared::child;

use crate::queue::{Writer, queue};
use crate::ring::Ring;

const LESSON: &str = "lesson06_process_queue";
const ROUNDS: usize = 7;
const SCRIPT: &str = "lessons/lesson06_process_queue/bench.py";
/// Bytes of a message, and how many messages there are in a round.
const SIZES: [(usize, usize); 2] = [(10, 200_000), (64 * 1024, 10_000)];

/// Receives so many messages of a size from a child, and returns how many
/// seconds there were from the first to the last.
type Receive = fn(usize, usize) -> io::Result<f64>;

/// Our way, CPython's, and how we receive.
const WAYS: [(&str, &str, Receive); 5] = [
    ("Queue", "Queue", by_queue),
    ("io::pipe", "Pipe(False)", by_pipe),
    ("UnixStream::pair", "Pipe()", by_sockets),
    ("ring in shared memory", "RawArray", by_ring),
    ("raw pipe, the limit", "", by_raw_pipe),
];

pub fn compare() -> io::Result<()> {
    println!("{}", here());
    for (size, count) in SIZES {
        let count = times(count);
        println!("\nMessages of {size} bytes a second, to another process:\n");
        let mut table =
            Table::new(&["ours", "", "CPython's", "", "ours / CPython's"]);
        let keep = |way: &str, side, who, rate: &Series| {
            let what = format!("messages of {size} bytes by {way}");
            bench::keep(LESSON, &what, "a second", &[(side, who, rate)]);
        };
        for (ours, theirs, receive) in WAYS {
            let a_second = || Ok((count - 1) as f64 / receive(size, count)?);
            if theirs.is_empty() {
                let [rate] = in_turn([&a_second])?;
                table.row(&[ours, &rate.to_string(), "", "", ""]);
                let pipes = WAYS[..3].iter();
                if size == 10 {
                    // A task of one is a message there, and one back.
                    let what = "tasks, chunks of 1";
                    let figures = [(Limit, "raw pipe, one way", &rate)];
                    bench::keep("lesson04_pool", what, "a second", &figures);
                }
                pipes.for_each(|(_, way, _)| {
                    keep(way, Limit, "raw pipe", &rate)
                });
                let alone = || Ok(count as f64 / copy_twice(size, count)?);
                let [rate] = in_turn([&alone])?;
                keep("RawArray", Limit, "one process alone", &rate);
                continue;
            }
            let words = [theirs.into(), size.to_string()];
            let cpython =
                || script(&[&words[0], &words[1], &count.to_string()]);
            let [rate, cpython] = in_turn([&a_second, &cpython])?;
            let ratio = figure(rate.median() / cpython.median());
            keep(theirs, CPython, theirs, &cpython);
            keep(theirs, Ours, ours, &rate);
            let (rate, cpython) = (rate.to_string(), cpython.to_string());
            let ratio = format!("{ratio} x");
            table.row(&[ours, &rate, theirs, &cpython, &ratio]);
        }
        print!("{table}");
    }
    starts()
}

type Measure<'a> = &'a dyn Fn() -> io::Result<f64>;

/// Measures each of them once, and all of that again and again: what else the
/// machine does meanwhile, it does to all of them.
fn in_turn<const N: usize>(all: [Measure; N]) -> io::Result<[Series; N]> {
    let mut measured = [const { Vec::new() }; N];
    for _ in 0..turns(ROUNDS) {
        for (measure, figures) in all.iter().zip(&mut measured) {
            figures.push(measure()?);
        }
    }
    Ok(measured.map(Series::new))
}

/// One round of CPython's.
fn script(args: &[&str]) -> io::Result<f64> {
    Ok(python(SCRIPT, args)[0])
}

/// Milliseconds to start a child and to wait for its end.
fn starts() -> io::Result<()> {
    println!("\nMilliseconds to start a child and to wait for its end:\n");
    let milliseconds = |mut command: Command| -> io::Result<f64> {
        let start = Instant::now();
        for _ in 0..50 {
            command.status()?;
        }
        Ok(start.elapsed().as_secs_f64() / 50.0 * 1000.0)
    };
    let all = in_turn([
        &|| milliseconds(Command::new("true")),
        &|| milliseconds(child("nothing", [""; 0])?),
        &|| script(&["start", "fork"]),
        &|| script(&["start", "forkserver"]),
        &|| script(&["start", "spawn"]),
    ])?;
    let names = [
        "`true`, the limit",
        "this program again",
        "CPython's fork",
        "CPython's forkserver",
        "CPython's spawn",
    ];
    for (method, cpython) in
        ["fork", "forkserver", "spawn"].iter().zip(&all[2..])
    {
        let figures = [
            (CPython, *method, cpython),
            (Ours, "this program again", &all[1]),
            (Limit, "`true`", &all[0]),
        ];
        let what = format!("start a child by {method}, and wait");
        bench::keep("lesson01_process", &what, "milliseconds", &figures);
    }
    let mut table = Table::new(&["", "", "it / ours"]);
    for (name, series) in names.iter().zip(&all) {
        let ratio = figure(series.median() / all[1].median());
        table.row(&[*name, &series.to_string(), &format!("{ratio} x")]);
    }
    print!("{table}");
    Ok(())
}

/// The child's side of every way: its end is its standard input.
pub fn send(args: &[String]) -> io::Result<()> {
    let number = |i: usize| args[i].parse().expect("a number");
    let (size, count): (usize, usize) = (number(1), number(2));
    let (message, end) =
        (vec![b'x'; size], stdin().as_fd().try_clone_to_owned()?);
    match args[0].as_str() {
        "queue" => {
            let mut queue = Writer::new(end);
            (0..count).try_for_each(|_| queue.put(&message))
        }
        "stream" => {
            let mut stream = File::from(end);
            (0..count).try_for_each(|_| put(&mut stream, &message))
        }
        "ring" => {
            let mut ring = Ring::new(end, size)?;
            (0..count).for_each(|_| ring.put(&message));
            Ok(())
        }
        _ => {
            let mut pipe = File::from(end);
            (0..count).try_for_each(|_| pipe.write_all(&message))
        }
    }
}

/// The length and the message, in one piece.
fn put(stream: &mut File, message: &[u8]) -> io::Result<()> {
    let length = (message.len() as u32).to_ne_bytes();
    let parts = [IoSlice::new(&length), IoSlice::new(message)];
    let written = stream.write_vectored(&parts)?;
    assert_eq!(written, length.len() + message.len(), "it waits for room");
    Ok(())
}

fn by_queue(size: usize, count: usize) -> io::Result<f64> {
    let (to_queue, mut from_queue) = queue()?;
    let end = to_queue.for_child()?;
    drop(to_queue);
    receive("queue", size, count, end, || {
        let message = from_queue.get()?.expect("there are more");
        assert_eq!(message.len(), size);
        Ok(())
    })
}

fn by_pipe(size: usize, count: usize) -> io::Result<f64> {
    let (pipe, end) = io::pipe()?;
    by_stream(pipe, end, size, count)
}

fn by_sockets(size: usize, count: usize) -> io::Result<f64> {
    let (socket, end) = UnixStream::pair()?;
    by_stream(socket, OwnedFd::from(end), size, count)
}

fn by_stream(
    from: impl Read,
    end: impl Into<Stdio>,
    size: usize,
    count: usize,
) -> io::Result<f64> {
    let (mut from, mut message) = (BufReader::new(from), Vec::new());
    receive("stream", size, count, end, || {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        message.resize(u32::from_ne_bytes(length) as usize, 0);
        from.read_exact(&mut message)
    })
}

fn by_ring(size: usize, count: usize) -> io::Result<f64> {
    let file = Ring::file(size)?;
    let mut ring = Ring::new(file.try_clone()?.into(), size)?;
    let mut message = vec![0; size];
    receive("ring", size, count, file, || {
        ring.get(&mut message);
        Ok(())
    })
}

/// Bytes as they come: where a message ends, nobody knows.
fn by_raw_pipe(size: usize, count: usize) -> io::Result<f64> {
    let (mut pipe, end) = io::pipe()?;
    let (mut bytes, mut unread) = (vec![0; 64 * 1024], 0);
    receive("raw pipe", size, count, end, || {
        while unread < size {
            unread += pipe.read(&mut bytes)?;
        }
        unread -= size;
        Ok(())
    })
}

/// Seconds to put messages into a ring and to get them, in one process that
/// waits for nobody.
fn copy_twice(size: usize, count: usize) -> io::Result<f64> {
    let mut ring = Ring::new(Ring::file(size)?.into(), size)?;
    let mut message = vec![b'x'; size];
    let start = Instant::now();
    for _ in 0..count {
        ring.put(&message);
        ring.get(&mut message);
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Starts a child that sends, and receives: seconds from first to last.
fn receive(
    way: &str,
    size: usize,
    count: usize,
    end: impl Into<Stdio>,
    mut get: impl FnMut() -> io::Result<()>,
) -> io::Result<f64> {
    let args = [way.to_string(), size.to_string(), count.to_string()];
    let mut sender = child("send", args)?.stdin(end).spawn()?;
    get()?;
    let start = Instant::now();
    (1..count).try_for_each(|_| get())?;
    let seconds = start.elapsed().as_secs_f64();
    assert!(sender.wait()?.success());
    Ok(seconds)
}
