//! trials
use lesson14_distributed::farm::NatsAddress;
use lesson14_distributed::servers::{Plan, Servers};
use std::sync::OnceLock;

use super::processes::LESSON;

/// One server for all tests here, each with a job of its own. It ends when
/// this process does.
pub fn one_server() -> NatsAddress {
    static SERVER: OnceLock<Servers> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let plan = Plan::new(1).program(LESSON).login("anna", "abc");
        plan.start().expect("a server")
    });
    server.url().parse().expect("an address")
}
