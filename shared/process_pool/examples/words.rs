//! Longest words, counted in other processes, with types of this program's own.
//!
//! Run: `cargo run -p process_pool --example words`

use process_pool::{Error, Pool, Task};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Summary {
    words: usize,
    longest: Option<String>,
}

const SUMMARIZE: Task<String, Summary> = Task::new("summarize", |text| {
    let longest = text.split_whitespace().max_by_key(|word| word.len());
    let words = text.split_whitespace().count();
    Summary { words, longest: longest.map(String::from) }
});

fn main() -> Result<(), Error> {
    process_pool::init(&[&SUMMARIZE]);
    let pool = Pool::builder().build()?; // One worker for each usable core.
    let texts = ["a pool of workers", "", "one task"].map(String::from);
    let summaries = pool.map(&SUMMARIZE, texts, 1)?;
    println!("{summaries:?}");
    assert_eq!(summaries[0].longest.as_deref(), Some("workers"));
    assert_eq!(summaries[1], Summary { words: 0, longest: None });
    pool.close();
    pool.join()
}
