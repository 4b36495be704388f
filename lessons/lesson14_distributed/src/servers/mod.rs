//! `nats-server`s of our own, for trials: one, or several as a cluster, on
//! free ports of this machine, with their stores in temporary folders.
//!
//! Each of them is started by a keeper, a child of ours: this program in the
//! role [`keeper`]. The keeper's standard input is a pipe that we hold. When
//! it ends, however we have ended, the keeper kills its server and removes
//! the folder.

mod keep;

use std::error::Error;
use std::net::SocketAddr;
use std::path::{self, Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectOptions};
use keep::{Kept, LOG, LOOPBACK, Ports};
use shared::MissingDependency;
use tokio::runtime;

pub use keep::keeper;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Which servers to start.
///
/// ```no_run
/// use lesson14_distributed::servers::Plan;
///
/// let mut servers = Plan::new(3).login("ann", "abc").start()?;
/// println!("{} on {}", servers.version(), servers.url());
/// servers.kill(0)?;
/// servers.start(0)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    count: usize,
    program: Option<PathBuf>,
    login: Option<(String, String)>,
    room: Option<u64>,
    folder: Option<PathBuf>,
}

impl Plan {
    /// So many servers; more than one are a cluster.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let (program, login, room, folder) = Default::default();
        Self { count, program, login, room, folder }
    }

    /// With keepers from this program instead of the one that runs.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// They let in only who says this name and this password.
    #[must_use]
    pub fn login(mut self, name: &str, password: &str) -> Self {
        self.login = Some((name.into(), password.into()));
        self
    }

    /// Each may store so many bytes.
    #[must_use]
    pub fn room(mut self, bytes: u64) -> Self {
        self.room = Some(bytes);
        self
    }

    /// Their stores are in here, and not in the system's temporary folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Starts them, and waits until they can be used.
    ///
    /// # Errors
    ///
    /// [`MissingDependency`] when there is no `nats-server`; anything else when one of
    /// them does not start, or not in time.
    pub fn start(&self) -> Result<Servers> {
        let version = version()?;
        let ports = (0..self.count).map(|_| Ports::reserve());
        let ports = ports.collect::<io::Result<Vec<_>>>()?;
        let routes: Vec<_> = ports.iter().map(|it| it.route.number).collect();
        let kept = ports.into_iter().enumerate().map(|(i, ports)| {
            let config = self.config(i, &ports, &routes);
            Kept::start(self, ports, &config)
        });
        let kept = kept.collect::<Result<Vec<_>>>()?;
        let login = self.login.clone();
        let mut servers = Servers { kept, version, login };
        servers.start_all()?;
        Ok(servers)
    }

    fn config(&self, i: usize, ports: &Ports, routes: &[u16]) -> String {
        let room = self.room.map(|room| format!(", max_file_store: {room}"));
        let mut config = format!(
            "server_name: {}\nlisten: \"127.0.0.1:{}\"\n\
             jetstream {{ store_dir: \".\"{} }}\n",
            name(i),
            ports.client.number,
            room.unwrap_or_default()
        );
        if let Some((name, password)) = &self.login {
            config += &format!(
                "authorization {{ user: \"{name}\", password: \"{password}\" }}\n"
            );
        }
        if self.count > 1 {
            let own = ports.route.number;
            let others = routes.iter().filter(|port| **port != own);
            let others = others.map(|p| format!("\"nats://127.0.0.1:{p}\""));
            // A client keeps to the addresses that it was given.
            config += &format!(
                "cluster {{ name: lesson14, listen: \"127.0.0.1:{own}\", \
                 no_advertise: true, routes: [{}] }}\n",
                others.collect::<Vec<_>>().join(", ")
            );
        }
        config
    }
}

/// Servers that run until this is dropped.
#[derive(Debug)]
pub struct Servers {
    kept: Vec<Kept>,
    version: String,
    login: Option<(String, String)>,
}

/// How long servers may take until they can be used.
const PATIENCE: Duration = Duration::from_secs(60);

impl Servers {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.kept.len()
    }

    /// Which `nats-server` this is: `2.9.10`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it is at least this one; a cluster should be 2.10.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        is_at_least(&self.version, major, minor)
    }

    /// Where clients find this server.
    pub fn address(&self, i: usize) -> SocketAddr {
        SocketAddr::from((LOOPBACK, self.kept[i].ports.client.number))
    }

    /// Where clients find them all: `nats://ann:abc@127.0.0.1:4222,...`.
    pub fn url(&self) -> String {
        let all: Vec<_> = (0..self.count()).collect();
        self.url_of(&all.iter().map(|i| self.address(*i)).collect::<Vec<_>>())
    }

    /// The same with other addresses, of proxies for instance.
    pub fn url_of(&self, addresses: &[SocketAddr]) -> String {
        let login = self.login.as_ref();
        let login = login.map(|(name, word)| format!("{name}:{word}@"));
        let addresses: Vec<_> =
            addresses.iter().map(ToString::to_string).collect();
        let login = login.unwrap_or_default();
        format!("nats://{login}{}", addresses.join(","))
    }

    /// The process of this server; `None` when it does not run.
    pub fn pid(&self, i: usize) -> Option<u32> {
        self.kept[i].pid
    }

    /// Starts one again, on its port and its store, and waits until it
    /// answers.
    ///
    /// # Errors
    ///
    /// When it does not, or its keeper has gone.
    pub fn start(&mut self, i: usize) -> Result<()> {
        self.kept[i].start_server()?;
        self.until(i, || self.ask(i, async |_| Ok(())))
    }

    /// Starts all that do not run, and waits until they can be used.
    ///
    /// # Errors
    ///
    /// When they cannot be used in time, or a keeper has gone.
    pub fn start_all(&mut self) -> Result<()> {
        for kept in self.kept.iter_mut().filter(|kept| kept.pid.is_none()) {
            kept.start_server()?;
        }
        for i in 0..self.count() {
            self.until(i, || self.ask(i, async |_| Ok(())))?;
        }
        self.until(0, || self.try_out())
    }

    /// Kills it, with SIGKILL.
    ///
    /// # Errors
    ///
    /// When its keeper has gone, as for the other signals.
    pub fn kill(&mut self, i: usize) -> Result<()> {
        self.kept[i].pid = None;
        self.kept[i].order("kill").map(drop)
    }

    /// Asks it to end, with SIGTERM, and waits until it has.
    ///
    /// # Errors
    ///
    /// When its keeper has gone.
    pub fn stop(&mut self, i: usize) -> Result<()> {
        self.kept[i].pid = None;
        self.kept[i].order("stop").map(drop)
    }

    /// Makes it stand still, with SIGSTOP.
    ///
    /// # Errors
    ///
    /// When its keeper has gone, or this is not Unix.
    pub fn freeze(&mut self, i: usize) -> Result<()> {
        self.kept[i].order("freeze").map(drop)
    }

    /// Lets it go on, with SIGCONT.
    ///
    /// # Errors
    ///
    /// When its keeper has gone, or this is not Unix.
    pub fn thaw(&mut self, i: usize) -> Result<()> {
        self.kept[i].order("thaw").map(drop)
    }

    /// Which server leads this stream; `None` when nobody does.
    ///
    /// # Errors
    ///
    /// When there is no such stream, or nobody answers.
    pub fn leader(&self, stream: &str) -> Result<Option<usize>> {
        if self.count() == 1 {
            return Ok(Some(0));
        }
        let cluster = self.cluster_of(stream)?;
        let names = (0..self.count()).map(name);
        let leads = |name: String| cluster.leader.as_ref() == Some(&name);
        Ok(names.map(leads).position(|leads| leads))
    }

    /// Whether every server that holds this stream has all of it.
    ///
    /// # Errors
    ///
    /// When there is no such stream, or nobody answers.
    pub fn is_whole(&self, stream: &str) -> Result<bool> {
        let cluster = self.cluster_of(stream)?;
        let whole = |it: &stream::PeerInfo| {
            it.current && !it.offline && it.lag.unwrap_or_default() == 0
        };
        Ok(cluster.leader.is_some() && cluster.replicas.iter().all(whole))
    }

    fn cluster_of(&self, stream: &str) -> Result<stream::ClusterInfo> {
        let mut last = "no nats-server runs".into();
        for i in (0..self.count()).filter(|i| self.pid(*i).is_some()) {
            let asked = self.ask(i, async |client| {
                let stream = jetstream::new(client).get_stream(stream).await?;
                Ok(stream.cached_info().cluster.clone())
            });
            match asked {
                Ok(cluster) => return Ok(cluster.unwrap_or_default()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Makes a stream that all of them hold, and removes it.
    fn try_out(&self) -> Result<()> {
        self.ask(0, async |client| {
            let context = jetstream::new(client);
            let (name, all) = ("lesson14-tries-out".to_string(), self.count());
            let config = stream::Config {
                name,
                num_replicas: all,
                ..Default::default()
            };
            let stream = context.create_stream(config).await?;
            context.delete_stream(&stream.cached_info().config.name).await?;
            Ok(())
        })
    }

    /// Asks this server something, on a connection of its own.
    fn ask<T>(
        &self,
        i: usize,
        what: impl AsyncFnOnce(Client) -> Result<T>,
    ) -> Result<T> {
        let mut runtime = runtime::Builder::new_current_thread();
        let options = match self.login.clone() {
            Some((name, word)) => {
                ConnectOptions::with_user_and_password(name, word)
            }
            None => ConnectOptions::new(),
        };
        let options = options
            .connection_timeout(Duration::from_secs(1))
            .request_timeout(Some(Duration::from_secs(4)))
            .ignore_discovered_servers();
        runtime.enable_all().build()?.block_on(async {
            let address = self.address(i).to_string();
            what(options.connect(address).await?).await
        })
    }

    /// Tries until it can be done.
    fn until(&self, i: usize, does: impl Fn() -> Result<()>) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while let Err(error) = does() {
            if Instant::now() > end {
                let said = fs::read_to_string(self.kept[i].folder.join(LOG));
                let said = said.unwrap_or_default();
                let last = said.lines().last().unwrap_or_default();
                return Err(format!(
                    "nats-server {} does not answer: {error}; it said: {last}",
                    i + 1
                )
                .into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for kept in &mut self.kept {
            kept.tells = None; // The keeper's input ends, and so does it.
        }
        for kept in &mut self.kept {
            let _ = kept.keeper.wait();
        }
    }
}

/// Whether this `version`, such as `2.9.10`, is at least `major.minor`.
///
/// ```
/// use lesson14_distributed::servers::is_at_least;
///
/// assert!(is_at_least("2.10.26", 2, 10));
/// assert!(!is_at_least("2.9.10", 2, 10));
/// ```
pub fn is_at_least(version: &str, major: u32, minor: u32) -> bool {
    let numbers = version.split('.').map(str::parse);
    let numbers: Vec<u32> = numbers.map_while(|n| n.ok()).collect();
    numbers >= vec![major, minor]
}

fn name(i: usize) -> String {
    format!("n{}", i + 1)
}

/// `$NATS_SERVER`, or the first on the path; Debian's is in `/usr/sbin`,
/// which few users have there.
fn nats_server() -> Command {
    let name = env::var_os("NATS_SERVER").unwrap_or("nats-server".into());
    let program = Path::new(&name);
    if program.components().count() > 1 {
        // The server runs in another folder.
        return Command::new(path::absolute(program).unwrap_or_default());
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&folders).chain(["/usr/sbin".into()]);
    let found = folders.map(|it| it.join(program)).find(|it| it.is_file());
    Command::new(found.unwrap_or_else(|| program.into()))
}

/// Which `nats-server` there is: `2.9.10`.
///
/// # Errors
///
/// [`MissingDependency`] when there is none.
pub fn version() -> Result<String> {
    let said = match nats_server().arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let program = nats_server();
            let program = Path::new(program.get_program()).display();
            return Err(Box::new(MissingDependency(format!(
                "there is no {program} on this machine; install it \
                 (on Debian: apt-get install nats-server)"
            ))));
        }
        Err(error) => return Err(error.into()),
    };
    let version = said.trim().strip_prefix("nats-server: v");
    Ok(version.ok_or("NATS_SERVER is no nats-server")?.into())
}
