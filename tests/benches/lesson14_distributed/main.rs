//! Tasks a second over the network, our master and workers next to CPython's
//! and crossed with them, and the time to connect.
//!
//! Run: `cargo bench -p lesson14_distributed`

mod loopback;
mod ours;
mod pairs;
mod process;
mod work;

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["ours", "master", tasks] => ours::master(tasks.parse()?)?,
        ["ours", "worker", address] => ours::worker(address)?,
        ["ours", "connect", address, times] => {
            ours::connect(address, times.parse()?)?;
        }
        ["loopback", "master", tasks] => loopback::master(tasks.parse()?)?,
        ["loopback", "worker", address] => loopback::worker(address)?,
        ["loopback", "connect", address, times] => {
            loopback::connect(address, times.parse()?)?;
        }
        _ => pairs::compare_all(),
    }
    Ok(())
}
