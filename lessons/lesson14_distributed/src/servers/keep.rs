//! The two sides of a server: who has asked for it, and its keeper.

use std::io::{self, BufRead, BufReader, Write, stdin, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use socket2::{Domain, Socket, Type};

use super::{Plan, Result, nats_server};

pub(super) const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

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

/// A port that the system gives to nobody else. Whoever asks for it by its
/// number may listen there, also again.
#[derive(Debug)]
pub(super) struct Port {
    pub number: u16,
    /// Elsewhere than on Linux nobody could listen beside it.
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

/// A server, seen from here: what we say to its keeper, and hear from it.
#[derive(Debug)]
pub(super) struct Kept {
    pub keeper: Child,
    pub tells: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    pub ports: Ports,
    pub folder: PathBuf,
    pub pid: Option<u32>,
}

impl Kept {
    pub fn start(plan: &Plan, ports: Ports, config: &str) -> Result<Self> {
        let mut command = match &plan.program {
            Some(program) => Command::new(program),
            None => Command::new(env::current_exe()?),
        };
        let mut keeper = command
            .arg("keeper")
            .arg(plan.folder.as_deref().unwrap_or(&env::temp_dir()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let tells = keeper.stdin.take();
        let says = BufReader::new(keeper.stdout.take().expect("it is piped"));
        let folder = PathBuf::new();
        let mut kept = Self { keeper, tells, says, ports, folder, pid: None };
        kept.folder = kept.order(config)?.into();
        Ok(kept)
    }

    pub fn start_server(&mut self) -> Result<()> {
        self.pid = Some(self.order("start")?.parse()?);
        Ok(())
    }

    /// Says something to the keeper, and waits for its answer.
    pub fn order(&mut self, order: &str) -> Result<String> {
        let tells = self.tells.as_mut().expect("we are not dropped yet");
        writeln!(tells, "{order}")?;
        let mut answer = String::new();
        match self.says.read_line(&mut answer)? {
            0 => Err("the keeper of a nats-server has gone".into()),
            _ => Ok(answer.trim_end().into()),
        }
    }
}

pub(super) const LOG: &str = "log";

/// The keeper's role: first hears the configuration, up to an empty line;
/// then what to do with the server. Ends with its input, by a signal, or when
/// nobody hears its answers any more.
///
/// # Errors
///
/// When the server cannot be started.
pub fn keeper(args: &[String]) -> Result<()> {
    let orders = orders()?;
    let folder = args.first().ok_or("a keeper needs a folder")?;
    let folder = tempfile::tempdir_in(folder)?;
    let mut orders = orders.into_iter().map_while(|order| order);
    let config = orders.by_ref().take_while(|line| !line.is_empty());
    let config: Vec<_> = config.collect();
    fs::write(folder.path().join("config"), config.join("\n"))?;
    // No println!: it would end us where nobody listens, and not clean up.
    let mut heard = writeln!(stdout(), "{}", folder.path().display()).is_ok();
    let mut server = None;
    while heard && let Some(order) = orders.next() {
        let answer = obey(&order, &mut server, folder.path())?;
        heard = writeln!(stdout(), "{answer}").is_ok();
    }
    drop(server); // Before its folder.
    Ok(())
}

/// The lines of our input; `None` when it ends, or when a signal comes.
fn orders() -> Result<mpsc::Receiver<Option<String>>> {
    let (tell, orders) = mpsc::channel();
    let ends = tell.clone();
    ctrlc::set_handler(move || drop(ends.send(None)))?;
    thread::spawn(move || {
        for line in stdin().lines().map_while(io::Result::ok) {
            let _ = tell.send(Some(line));
        }
        let _ = tell.send(None);
    });
    Ok(orders)
}

fn obey(
    order: &str,
    server: &mut Option<Running>,
    folder: &Path,
) -> Result<String> {
    match (order, &mut *server) {
        ("start", _) => {
            let running = Running::start(folder)?;
            let pid = running.0.id();
            *server = Some(running);
            return Ok(pid.to_string());
        }
        ("kill", _) => *server = None,
        ("stop", Some(running)) => {
            running.signal(Signal::SIGTERM)?;
            running.wait()?;
            *server = None;
        }
        ("freeze", Some(running)) => running.signal(Signal::SIGSTOP)?,
        ("thaw", Some(running)) => running.signal(Signal::SIGCONT)?,
        _ => {}
    }
    Ok("done".into())
}

#[cfg(unix)]
use nix::sys::signal::Signal;

/// Elsewhere there are none.
#[cfg(not(unix))]
#[derive(PartialEq)]
#[allow(clippy::upper_case_acronyms)]
enum Signal {
    SIGTERM,
    SIGSTOP,
    SIGCONT,
}

/// A server that is killed when it is dropped.
struct Running(Child);

impl Running {
    fn start(folder: &Path) -> Result<Self> {
        let mut log = fs::OpenOptions::new();
        let log = log.create(true).append(true).open(folder.join(LOG))?;
        let mut server = nats_server();
        server.args(["--config", "config"]).current_dir(folder);
        server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self(server.spawn()?))
    }

    /// Until it has ended, or for as long as anybody would wait for that.
    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(10);
        while self.0.try_wait()?.is_none() && Instant::now() < end {
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    #[cfg(unix)]
    fn signal(&mut self, signal: Signal) -> Result<()> {
        let pid = nix::unistd::Pid::from_raw(self.0.id() as i32);
        Ok(nix::sys::signal::kill(pid, signal)?)
    }

    #[cfg(not(unix))]
    fn signal(&mut self, signal: Signal) -> Result<()> {
        match signal {
            Signal::SIGTERM => Ok(self.0.kill()?),
            _ => Err("only Unix can make a process stand still".into()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
