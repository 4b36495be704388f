//! Throw-away `nats-server`s for tests: one, or several as a cluster, on free
//! ports of this machine, with their stores in temporary folders. They end
//! when the test does, also when it is killed.

#![cfg(unix)]

mod program;
mod supervisor;

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectOptions};
use nix::sys::signal::Signal;
use program::Result;
use supervisor::{LOOPBACK, ManagedServer, Ports};
use tokio::runtime;

pub use program::{is_at_least, version};

/// Which servers to start.
///
/// ```no_run
/// use nats_cluster::ClusterBuilder;
///
/// let mut servers = ClusterBuilder::new(3).login("ann", "abc").start()?;
/// println!("{} on {}", servers.version(), servers.url());
/// servers.kill(0)?;
/// servers.start(0)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClusterBuilder {
    count: usize,
    login: Option<(String, String)>,
    room: Option<u64>,
    folder: Option<PathBuf>,
    config: Option<String>,
}

impl ClusterBuilder {
    /// So many servers; more than one are a cluster.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, login: None, room: None, folder: None, config: None }
    }

    /// They accept only clients with this name and this password.
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

    /// More lines of their configuration. Such servers count as started when
    /// they listen: whether they can be used is for the test to find out.
    #[must_use]
    pub fn config(mut self, lines: &str) -> Self {
        self.config = Some(lines.into());
        self
    }

    /// Starts them, and waits until they can be used.
    ///
    /// # Errors
    ///
    /// When there is no `nats-server`, or one of them does not start in time.
    pub fn start(&self) -> Result<Cluster> {
        let version = version()?;
        let ports = (0..self.count).map(|_| Ports::reserve());
        let ports = ports.collect::<io::Result<Vec<_>>>()?;
        let routes: Vec<_> = ports.iter().map(|it| it.route.number).collect();
        let folder = self.folder.clone().unwrap_or_else(env::temp_dir);
        let servers = ports.into_iter().enumerate().map(|(i, ports)| {
            let config = self.configuration(i, &ports, &routes);
            ManagedServer::new(&folder, ports, &config)
        });
        let servers = servers.collect::<Result<Vec<_>>>()?;
        let login = self.login.clone();
        let only_listens = self.config.is_some();
        let mut cluster = Cluster { servers, version, login, only_listens };
        cluster.start_all()?;
        Ok(cluster)
    }

    fn configuration(&self, i: usize, ports: &Ports, routes: &[u16]) -> String {
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
                "cluster {{ name: throw_away, listen: \"127.0.0.1:{own}\", \
                 no_advertise: true, routes: [{}] }}\n",
                others.collect::<Vec<_>>().join(", ")
            );
        }
        config + self.config.as_deref().unwrap_or_default()
    }
}

/// Servers that run until this is dropped.
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<ManagedServer>,
    version: String,
    login: Option<(String, String)>,
    only_listens: bool,
}

/// How long servers may take until they can be used.
const START_TIME: Duration = Duration::from_secs(60);

impl Cluster {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.servers.len()
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
        SocketAddr::from((LOOPBACK, self.servers[i].ports.client.number))
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
        self.servers[i].pid()
    }

    /// Starts one again, on its port and its store, and waits until it
    /// answers.
    ///
    /// # Errors
    ///
    /// When it does not answer in time.
    pub fn start(&mut self, i: usize) -> Result<()> {
        self.servers[i].start()?;
        self.until(i, || self.ask(i, async |_| Ok(())))
    }

    /// Starts all that do not run, and waits until they can be used.
    ///
    /// # Errors
    ///
    /// When they cannot be used in time.
    pub fn start_all(&mut self) -> Result<()> {
        let all = self.servers.iter_mut();
        for server in all.filter(|server| server.pid().is_none()) {
            server.start()?;
        }
        for i in 0..self.count() {
            self.until(i, || self.hears(i))?;
        }
        if self.only_listens {
            return Ok(());
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
    /// When it does not run, as for the other signals.
    pub fn kill(&mut self, i: usize) -> Result<()> {
        self.servers[i].end(Signal::SIGKILL)
    }

    /// Asks it to end, with SIGTERM, and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn stop(&mut self, i: usize) -> Result<()> {
        self.servers[i].end(Signal::SIGTERM)
    }

    /// Servers that start from now on accept only this password.
    ///
    /// # Errors
    ///
    /// When they have no login, or a configuration cannot be written.
    pub fn set_password(&mut self, password: &str) -> Result<()> {
        let (_, old) = self.login.as_mut().ok_or("they have no login")?;
        let line = |password: &str| format!("password: \"{password}\"");
        for server in &self.servers {
            server.edit_config(&line(old), &line(password))?;
        }
        *old = password.into();
        Ok(())
    }

    /// Makes it stand still, with SIGSTOP.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn freeze(&mut self, i: usize) -> Result<()> {
        self.servers[i].freeze()
    }

    /// Lets it go on, with SIGCONT.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn thaw(&mut self, i: usize) -> Result<()> {
        self.servers[i].signal(Signal::SIGCONT)
    }

    /// Which server leads this stream; `None` when none does.
    ///
    /// # Errors
    ///
    /// When there is no such stream, or no server answers.
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
    /// When there is no such stream, or no server answers.
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

    /// Whether this server tells of itself.
    fn hears(&self, i: usize) -> Result<()> {
        let mut server = TcpStream::connect(self.address(i))?;
        Ok(server.read_exact(&mut [0; 4])?)
    }

    /// Makes a stream that all of them hold, and removes it.
    fn try_out(&self) -> Result<()> {
        self.ask(0, async |client| {
            let context = jetstream::new(client);
            let name = "tries-out".to_string();
            let all = self.count();
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
        let end = Instant::now() + START_TIME;
        while let Err(error) = does() {
            if Instant::now() > end {
                let last = self.servers[i].last_line();
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

fn name(i: usize) -> String {
    format!("n{}", i + 1)
}
