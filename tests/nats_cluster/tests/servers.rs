//! Servers come back with their ports and stores, and end with their owner.

#![cfg(unix)]

use std::fs;
use std::net::TcpStream;

use async_nats::jetstream::{self, stream};
use nats_cluster::{Cluster, ClusterBuilder};
use nix::sys::signal::kill;
use nix::unistd::Pid;

fn is_alive(pid: u32) -> bool {
    kill(Pid::from_raw(pid as i32), None).is_ok()
}

fn answers(servers: &Cluster, i: usize) -> bool {
    TcpStream::connect(servers.address(i)).is_ok()
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_comes_back_with_its_port_and_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let builder = ClusterBuilder::new(1).folder(folder.path());
    let mut servers = builder.start().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = runtime.block_on(async {
        let client = async_nats::connect(servers.url()).await.unwrap();
        let context = jetstream::new(client);
        let name = "stored".into();
        let config = stream::Config { name, ..Default::default() };
        context.create_stream(config).await.unwrap();
        context
    });
    for stops in [Cluster::kill, Cluster::stop] {
        let pid = servers.pid(0).unwrap();
        stops(&mut servers, 0).unwrap();
        assert!(!is_alive(pid) && !answers(&servers, 0));
        servers.start(0).unwrap();
        assert_ne!(servers.pid(0), Some(pid));
        // The connection may take a moment to come back.
        let found = || runtime.block_on(context.get_stream("stored"));
        while found().is_err() {
            std::thread::yield_now();
        }
    }
    let pid = servers.pid(0).unwrap();
    drop(servers);
    assert!(!is_alive(pid));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
#[ignore = "needs nats-server"]
fn three_servers_are_a_cluster() {
    let mut servers = ClusterBuilder::new(3).start().unwrap();
    servers.kill(1).unwrap();
    assert!(answers(&servers, 0) && !answers(&servers, 1));
    servers.start_all().unwrap();
}

/// A process that is killed cannot end its server: its supervisor does.
#[test]
#[ignore = "needs nats-server"]
fn a_server_does_not_outlive_a_process_that_is_killed() {
    const FOLDER: &str = "NATS_CLUSTER_TEST_FOLDER";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let builder = ClusterBuilder::new(1).folder(folder);
        let servers = builder.start().unwrap();
        println!("pid {}", servers.pid(0).unwrap());
        loop {
            std::thread::park();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let this = "a_server_does_not_outlive_a_process_that_is_killed";
    let mut child =
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this, "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut lines = std::io::BufRead::lines(stdout).map_while(Result::ok);
    let pid = lines.find_map(|line| {
        let (_, pid) = line.split_once("pid ")?;
        pid.trim().parse().ok()
    });
    let pid = pid.expect("the server runs");
    assert!(is_alive(pid));
    child.kill().unwrap();
    child.wait().unwrap();
    while is_alive(pid) || fs::read_dir(folder.path()).unwrap().count() > 0 {
        std::thread::yield_now();
    }
}
