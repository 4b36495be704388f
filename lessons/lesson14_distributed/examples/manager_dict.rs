//! A dict that several processes share through a server: `Manager().dict()`.

use std::error::Error;
use std::sync::Arc;

use pymanagers::{Client, Dict, Key, Server};

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    let (key, _) = Key::random();
    let server = Server::bind("127.0.0.1:0", &key)?
        .share("settings", Arc::new(Dict::default()))
        .start()?;
    // Any process that has the key could be this client, or a Python one.
    let client = Client::connect(server.address(), &key)?;
    let settings = client.proxy("settings")?;
    settings.call("__setitem__", vec!["depth".into(), 3.into()])?;
    let depth = settings.call("__getitem__", vec!["depth".into()])?;
    println!("depth is {depth}");
    Ok(())
}
// ANCHOR_END: main
