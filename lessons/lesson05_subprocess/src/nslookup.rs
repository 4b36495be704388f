//! `nslookup`, a program that this lesson did not write.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Command;

use shared::MissingDependency;
use subprocess::Exec;

use crate::responder;

// ANCHOR: nslookup
pub fn nslookup() -> Result<(), Box<dyn Error>> {
    let server = server()?;
    println!("$ nslookup www.python.org");
    let status = Command::new("nslookup")
        .args([&server.port, "www.python.org", &server.address])
        .status()
        .map_err(install("nslookup", "bind9-dnsutils"))?;
    println!("{}", shown(status.code()));
    Ok(())
}

pub fn shown(code: Option<i32>) -> String {
    code.map_or("Ended by a signal".into(), |code| format!("Exit code: {code}"))
}
// ANCHOR_END: nslookup

// ANCHOR: session
/// What a person would type, all at once.
pub fn session() -> Result<(), Box<dyn Error>> {
    let server = server()?;
    println!("$ nslookup");
    let output = Exec::cmd("nslookup")
        .args([&server.port, "-", &server.address])
        .stdin("set q=mx\npython.org\nexit\n")
        .capture()
        .map_err(install("nslookup", "bind9-dnsutils"))?;
    println!("{}", output.stdout_str());
    println!("Error: {}", output.stderr_str());
    println!("{}", shown(output.exit_status.code().map(|code| code as i32)));
    Ok(())
}
// ANCHOR_END: session

/// The one that nslookup asks, in the words of its command line.
struct Server {
    port: String,
    address: String,
}

// ANCHOR: server
/// Our own, unless `--server ADDR` or `--server ADDR:PORT` names another.
fn server() -> io::Result<Server> {
    let (address, port) = match shared::option_value("server") {
        None => ("127.0.0.1".into(), responder::start()?),
        Some(other) => match other.parse::<SocketAddr>() {
            Ok(both) => (both.ip().to_string(), both.port()),
            Err(_) => (other.into(), 53),
        },
    };
    Ok(Server { port: format!("-port={port}"), address })
}
// ANCHOR_END: server

// ANCHOR: install
/// "Not found" alone names no program and no cure; this does.
pub fn install(
    program: &str,
    package: &str,
) -> impl FnOnce(io::Error) -> Box<dyn Error> {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Box::new(MissingDependency(format!(
            "there is no {program} on this machine; \
             install it (on Debian: apt-get install {package})"
        ))),
        _ => error.into(),
    }
}
// ANCHOR_END: install
