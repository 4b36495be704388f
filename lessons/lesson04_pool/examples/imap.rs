//! Results of a pool one by one, as they come: `imap_unordered`.

use process_pool::{Error, Pool, Task};

// ANCHOR: SQUARE
const SQUARE: Task<u32, u32> = Task::new("square", |n| n * n);

fn main() -> Result<(), Error> {
    process_pool::init(&[&SQUARE]); // A worker process goes no further.
    let pool = Pool::new(2)?;
    let mut sum = 0;
    for result in pool.imap_unordered(&SQUARE, 1..5, 1)? {
        sum += result?;
    }
    println!("The sum of the squares is {sum}");
    println!("In order: {:?}", pool.map(&SQUARE, 1..5, 1)?);
    pool.close();
    pool.join()
}
// ANCHOR_END: SQUARE
