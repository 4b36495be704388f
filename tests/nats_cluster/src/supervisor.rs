//! One server and its supervisor: a shell that kills the server and removes
//! its folder when we are no longer there, however we have ended.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use super::program::{Result, nats_server};

pub(super) const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

pub(super) const LOG: &str = "log";

/// Its input is a pipe that we hold. A line on it says that the server ends,
/// or has ended; the end of the input says that we have.
const SUPERVISOR: &str = r#"
trap : INT TERM HUP
"$0" --config config >>log 2>&1 </dev/null &
echo $!
exec >/dev/null
until read -r line; do
    [ $? -gt 128 ] && continue
    kill -9 $!
    wait $!
    exec rm -rf "$PWD"
done
wait $!
"#;

#[derive(Debug)]
pub(super) struct Ports {
    pub client: Port,
    pub route: Port,
}

impl Ports {
    pub fn reserve() -> io::Result<Self> {
        Ok(Self { client: Port::reserve()?, route: Port::reserve()? })
    }
}

/// A port that the system gives to no other process that asks for any. One
/// that asks for it by its number may listen there, also again.
#[derive(Debug)]
pub(super) struct Port {
    pub number: u16,
    /// Only on Linux can another socket listen on the same port.
    _socket: Option<Socket>,
}

impl Port {
    fn reserve() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((LOOPBACK, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        let number = address.expect("it is an IPv4 socket").port();
        let _socket = cfg!(target_os = "linux").then_some(socket);
        Ok(Self { number, _socket })
    }
}

/// A server with its ports and its folder.
#[derive(Debug)]
pub(super) struct ManagedServer {
    pub ports: Ports,
    folder: TempDir,
    running: Option<(Child, u32)>,
}

impl ManagedServer {
    pub fn new(folder: &Path, ports: Ports, config: &str) -> Result<Self> {
        let folder = tempfile::tempdir_in(folder)?;
        fs::write(folder.path().join("config"), config)?;
        Ok(Self { ports, folder, running: None })
    }

    pub fn edit_config(&self, from: &str, to: &str) -> io::Result<()> {
        let file = self.folder.path().join("config");
        fs::write(&file, fs::read_to_string(&file)?.replace(from, to))
    }

    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|(_, pid)| *pid)
    }

    pub fn start(&mut self) -> Result<()> {
        let program = nats_server();
        let mut supervisor = std::process::Command::new("sh")
            .args(["-c", SUPERVISOR])
            .arg(program.get_program())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // It says which process it has killed.
            .spawn()?;
        let stdout = supervisor.stdout.take().expect("it is piped");
        let mut pid = String::new();
        BufReader::new(stdout).read_line(&mut pid)?;
        self.running = Some((supervisor, pid.trim().parse()?));
        Ok(())
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().ok_or("this nats-server does not run")?;
        Ok(kill(Pid::from_raw(pid as i32), signal)?)
    }

    /// Stops every thread of the server. The signal goes to one of them: until
    /// that one runs, which takes its time on a busy machine, the others answer.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)?;
        let pid = self.pid().ok_or("this nats-server does not run")?;
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
            return Ok(()); // Not on this system.
        };
        for task in threads {
            let stat = task?.path().join("stat");
            // The state follows the name, which ends with the last bracket.
            while fs::read_to_string(&stat)
                .is_ok_and(|stat| !stat.contains(") T "))
            {
                thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    /// Sends a signal that ends the server, and waits until it has ended.
    pub fn end(&mut self, signal: Signal) -> Result<()> {
        self.signal(signal)?;
        let (mut supervisor, _) = self.running.take().expect("it runs");
        let stdin = supervisor.stdin.as_mut().expect("it is piped");
        writeln!(stdin)?;
        supervisor.wait()?;
        Ok(())
    }

    /// What the server has said last.
    pub fn last_line(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join(LOG));
        let log = log.unwrap_or_default();
        log.lines().last().unwrap_or_default().into()
    }
}

impl Drop for ManagedServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            let _ = self.end(Signal::SIGKILL);
        }
    }
}
