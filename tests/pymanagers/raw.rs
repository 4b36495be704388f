//! A client that knows the key and sends what it likes.

#![allow(dead_code, reason = "each test uses some of it")]

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use pymanagers::connection::Connection;
use pymanagers::frame::{read_frame, write_frame};
use pymanagers::pickle::{self, Limits};
use pymanagers::{Key, Value, auth};

/// No answer takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client that knows the key and sends what it likes.
pub struct Raw {
    connection: Connection,
    address: SocketAddr,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Self {
        let mut raw = Self::greeted(address);
        let reply = raw.ask(Value::None, "accept_connection", &["raw".into()]);
        assert_eq!(reply, Value::Tuple(vec!["#RETURN".into(), Value::None]));
        raw
    }

    pub fn greeted(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let mut connection = Connection::tcp(stream).unwrap();
        connection.set_deadline_in(PATIENCE);
        auth::client_handshake(&mut connection, &Key::from("abc")).unwrap();
        Self { connection, address }
    }

    pub fn create(&self, name: &str) -> String {
        let mut one = Self::greeted(self.address);
        let reply = one.ask(Value::None, "create", &[name.into()]);
        let made = reply.as_tuple().unwrap()[1].as_tuple().unwrap();
        made[0].as_str().unwrap().to_string()
    }

    pub fn send(&mut self, ident: &str, method: &str, args: &[Value]) {
        self.request(ident.into(), method, args);
    }

    pub fn call(&mut self, ident: &str, method: &str, args: &[Value]) -> Value {
        self.ask(ident.into(), method, args)
    }

    pub fn ask(&mut self, ident: Value, method: &str, args: &[Value]) -> Value {
        self.request(ident, method, args);
        self.read_message()
    }

    pub fn request(&mut self, ident: Value, method: &str, args: &[Value]) {
        let args = Value::Tuple(args.into());
        let named = Vec::new();
        let named = Value::Dict(named);
        let request = Value::Tuple(vec![ident, method.into(), args, named]);
        self.bytes(&pickle::write(&request, &Limits::default()).unwrap());
    }

    /// Hangs up on one side: it still listens.
    pub fn says_no_more(&self) {
        self.connection.shutdown(Shutdown::Write);
    }

    pub fn bytes(&mut self, frame: &[u8]) {
        self.connection.set_deadline_in(PATIENCE);
        write_frame(&mut self.connection, frame).unwrap();
    }

    pub fn read_message(&mut self) -> Value {
        self.connection.set_deadline_in(PATIENCE);
        let reply = read_frame(&mut self.connection, 1 << 20).unwrap();
        pickle::read(&reply.expect("a reply"), &Limits::default()).unwrap()
    }

    /// Waits until the server has hung up.
    pub fn end(&mut self) {
        self.connection.set_deadline_in(PATIENCE);
        let frame = read_frame(&mut self.connection, 1 << 20).unwrap();
        assert_eq!(frame, None);
    }
}
