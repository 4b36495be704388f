//! Messages a second between two processes:
//! `cargo bench -p lesson06_process_queue`

#[cfg(unix)]
mod carriers;
#[cfg(unix)]
#[expect(dead_code, reason = "one end of each is enough here")]
#[path = "../../../lessons/lesson06_process_queue/src/queue.rs"]
mod queue;
#[cfg(unix)]
mod ring;

#[cfg(unix)]
fn main() {
    use carriers::*;
    use harness::bench::{A_SECOND, Row, compare};

    let args: Vec<_> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|role| role == "send") {
        return send(&args[1..]).expect("the parent receives");
    }
    const WIDE: &str = "The samples of one side differ by up to four times: \
                        the scheduler decides when the two processes run.";
    let small = |id, what| Row::new(id, what, A_SECOND);
    compare(vec![
        small("queue_10", "messages of 10 bytes by Queue")
            .python("Queue", "queue_10")
            .ours("the lesson's queue", |n| by_queue(10, n))
            .limit("raw pipe", |n| by_raw_pipe(10, n)),
        small("pipe_10", "messages of 10 bytes by Pipe(False)")
            .python("Pipe(False)", "pipe_10")
            .ours("io::pipe", |n| by_pipe(10, n))
            .limit("raw pipe", |n| by_raw_pipe(10, n)),
        small("duplex_10", "messages of 10 bytes by Pipe()")
            .python("Pipe()", "duplex_10")
            .ours("UnixStream::pair", |n| by_sockets(10, n))
            .limit("raw pipe", |n| by_raw_pipe(10, n)),
        small("ring_10", "messages of 10 bytes by RawArray")
            .python("RawArray", "array_10")
            .ours("ring in shared memory", |n| by_ring(10, n))
            .limit("one process alone", |n| copy_twice(10, n)),
        small("queue_64k", "messages of 64 KiB by Queue")
            .why(WIDE)
            .python("Queue", "queue_64k")
            .ours("the lesson's queue", |n| by_queue(65_536, n))
            .limit("raw pipe", |n| by_raw_pipe(65_536, n)),
        small("pipe_64k", "messages of 64 KiB by Pipe(False)")
            .why(WIDE)
            .python("Pipe(False)", "pipe_64k")
            .ours("io::pipe", |n| by_pipe(65_536, n))
            .limit("raw pipe", |n| by_raw_pipe(65_536, n)),
        small("duplex_64k", "messages of 64 KiB by Pipe()")
            .why(WIDE)
            .python("Pipe()", "duplex_64k")
            .ours("UnixStream::pair", |n| by_sockets(65_536, n))
            .limit("raw pipe", |n| by_raw_pipe(65_536, n)),
        small("ring_64k", "messages of 64 KiB by RawArray")
            .why("Both copy a large message twice.")
            .python("RawArray", "array_64k")
            .ours("ring in shared memory", |n| by_ring(65_536, n))
            .limit("one process alone", |n| copy_twice(65_536, n)),
    ]);
}

#[cfg(not(unix))]
fn main() {
    println!("lesson06_process_queue: this benchmark needs Unix");
}
