//! What a thread's own value costs: `cargo bench -p lesson12_thread_local`

use std::cell::Cell;
use std::hint::black_box;

use harness::bench::{A_SECOND, Row, compare, rate};
use thread_local::ThreadLocal;

fn main() {
    compare(vec![
        Row::new("add", "add 1 to a thread's own number", A_SECOND)
            .python("threading.local", "add")
            .ours("thread_local!", by_macro)
            .other("crate thread_local", by_crate)
            .limit("a number in memory", memory),
    ]);
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn by_macro(times: usize) -> f64 {
    rate(times, || {
        for _ in 0..times {
            COUNT.with(|count| black_box(count).set(count.get() + 1));
        }
    })
}

fn by_crate(times: usize) -> f64 {
    let counts: ThreadLocal<Cell<u64>> = ThreadLocal::new();
    rate(times, || {
        for _ in 0..times {
            let count = counts.get_or_default();
            black_box(count).set(count.get() + 1);
        }
    })
}

fn memory(times: usize) -> f64 {
    let count = Cell::new(0_u64);
    rate(times, || {
        for _ in 0..times {
            black_box(&count).set(count.get() + 1);
        }
    })
}
