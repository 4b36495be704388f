//! Where a server listens, and the sockets that lead there.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// Where a server listens: a host and a port (IPv4 or IPv6), or the path of a
/// Unix socket.
///
/// ```
/// use pymanagers::Address;
///
/// let address = Address::from("example.org:5000");
/// assert_eq!(address, Address::Tcp("example.org:5000".into()));
/// let address = Address::from("/run/master.sock");
/// assert_eq!(address, Address::Unix("/run/master.sock".into()));
/// assert_eq!(Address::from(("::1", 5000)).to_string(), "[::1]:5000");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// `host:port`, `1.2.3.4:port` or `[::1]:port`.
    Tcp(String),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl From<&str> for Address {
    /// What begins with a slash is a path.
    fn from(text: &str) -> Self {
        match text.starts_with('/') {
            true => Self::Unix(text.into()),
            false => Self::Tcp(text.into()),
        }
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Address {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address.to_string())
    }
}

impl From<(&str, u16)> for Address {
    fn from((host, port): (&str, u16)) -> Self {
        match host.contains(':') {
            true => Self::Tcp(format!("[{host}]:{port}")),
            false => Self::Tcp(format!("{host}:{port}")),
        }
    }
}

impl From<PathBuf> for Address {
    fn from(path: PathBuf) -> Self {
        Self::Unix(path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

impl Address {
    /// Every socket address that the name has now.
    pub(crate) fn resolve(&self) -> io::Result<Vec<Resolved>> {
        match self {
            Self::Tcp(address) => {
                Ok(address.to_socket_addrs()?.map(Resolved::Tcp).collect())
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(vec![Resolved::Unix(path.clone())]),
            #[cfg(not(unix))]
            Self::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// One address to connect to.
pub(crate) enum Resolved {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

/// A connected socket of either kind.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A peer whose machine is switched off sends nothing: the system asks after a
/// minute of silence, and gives up after two.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

impl Socket {
    pub fn connect(to: &Resolved, timeout: Duration) -> io::Result<Self> {
        match to {
            Resolved::Tcp(address) => {
                let timeout = timeout.max(Duration::from_millis(1));
                let stream = TcpStream::connect_timeout(address, timeout)?;
                match is_connected_to_itself(&stream) {
                    true => Err(io::ErrorKind::ConnectionRefused.into()),
                    false => Self::tcp(stream),
                }
            }
            #[cfg(unix)]
            Resolved::Unix(path) => {
                let socket = socket2::Socket::new(
                    socket2::Domain::UNIX,
                    socket2::Type::STREAM,
                    None,
                )?;
                let address = socket2::SockAddr::unix(path)?;
                socket.connect_timeout(&address, timeout)?;
                Ok(Self::Unix(socket.into()))
            }
        }
    }

    pub fn tcp(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let keepalive = TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(KEEPALIVE_INTERVAL);
        SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
        Ok(Self::Tcp(stream))
    }

    fn options(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(stream) => stream.into(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.into(),
        }
    }

    pub fn shutdown(&self, how: Shutdown) {
        let _ = self.options().shutdown(how);
    }

    pub fn set_read_timeout(&self, time: Option<Duration>) -> io::Result<()> {
        self.options().set_read_timeout(time)
    }

    pub fn set_write_timeout(&self, time: Option<Duration>) -> io::Result<()> {
        self.options().set_write_timeout(time)
    }

    /// Whether the peer has not closed its end. Takes nothing from the socket.
    pub fn is_open(&self) -> bool {
        let options = self.options();
        let mut byte = [std::mem::MaybeUninit::uninit()];
        let mut peek = || {
            options.set_nonblocking(true)?;
            let peeked = options.peek(&mut byte);
            options.set_nonblocking(false)?;
            peeked
        };
        match peek() {
            Ok(bytes) => bytes > 0,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }

    /// CPython sometimes writes twice in a row, and its system waits for our
    /// acknowledgement between the two. An answer would carry it; as there is
    /// none, ours keeps it back for 40 ms, unless it is asked to send it at
    /// once.
    #[cfg(target_os = "linux")]
    pub fn quick_ack(&self) {
        use std::os::linux::net::TcpStreamExt;
        if let Self::Tcp(stream) = self {
            let _ = stream.set_quickack(true);
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn quick_ack(&self) {}
}

/// Whether no server listens there, but the system has given that very port
/// to our own end: we would read what we write. The port must be free again
/// at once, for the server that comes back.
fn is_connected_to_itself(stream: &TcpStream) -> bool {
    let ends = (stream.local_addr(), stream.peer_addr());
    let same = matches!(ends, (Ok(ours), Ok(theirs)) if ours == theirs);
    if same {
        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
    same
}

impl Read for &Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match *self {
            Socket::Tcp(stream) => { stream }.read(into),
            #[cfg(unix)]
            Socket::Unix(stream) => { stream }.read(into),
        }
    }
}

impl Write for &Socket {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match *self {
            Socket::Tcp(stream) => { stream }.write(from),
            #[cfg(unix)]
            Socket::Unix(stream) => { stream }.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
