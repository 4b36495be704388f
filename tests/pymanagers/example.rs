//! An example of the library, built as it is now.

use std::path::PathBuf;
use std::process::Command;

/// Where the example is, once it is built.
pub fn example(name: &str) -> PathBuf {
    let build = ["build", "--package=pymanagers", "--example", name];
    let built = Command::new(env!("CARGO")).args(build).status().unwrap();
    assert!(built.success(), "{name} does not build");
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).expect("target/debug/deps/name");
    target.join("debug/examples").join(name)
}
