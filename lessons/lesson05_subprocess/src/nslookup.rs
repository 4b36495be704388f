//! `nslookup`, a program that this lesson did not write.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Command;

use crate::call::{describe, install};
use crate::responder;

// ANCHOR: nslookup
pub fn nslookup() -> Result<(), Box<dyn Error>> {
    let arguments = arguments("www.python.org")?;
    println!("$ nslookup www.python.org");
    let status = Command::new("nslookup")
        .args(arguments)
        .status()
        .map_err(install("nslookup", "bind9-dnsutils"))?;
    println!("{}", describe(status.code()));
    Ok(())
}
// ANCHOR_END: nslookup

// ANCHOR: arguments
/// The arguments with which `nslookup` looks up `name`, or reads commands if
/// `name` is `-`. It asks a server in this process, unless `--server ADDR` or
/// `--server ADDR:PORT` names another, or `--server system` none.
pub fn arguments(name: &str) -> io::Result<Vec<String>> {
    let server = match shared::option_value("server") {
        None => SocketAddr::from(([127, 0, 0, 1], responder::start()?)),
        Some("system") => return Ok(vec![name.into()]),
        Some(other) => match other.parse() {
            Ok(address_and_port) => address_and_port,
            Err(_) => return Ok(vec![name.into(), other.into()]),
        },
    };
    let port = format!("-port={}", server.port());
    Ok(vec![port, name.into(), server.ip().to_string()])
}
// ANCHOR_END: arguments
