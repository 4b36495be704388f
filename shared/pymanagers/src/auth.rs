//! The handshake: both sides prove that they know the key, and say nothing
//! else before.
//!
//! ```text
//! server: #CHALLENGE# and a message     client: the message's answer
//! server: #WELCOME# or #FAILURE#        client: #CHALLENGE# and a message
//! server: the message's answer          client: #WELCOME# or #FAILURE#
//! ```
//!
//! The answer is an HMAC of the message: with MD5 up to CPython 3.11, with
//! the digest that the message names from 3.12 on. The key itself never
//! travels. Nothing is encrypted.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Sha256, Sha384};

use crate::error::Error;
use crate::frame::{MAX_HANDSHAKE, read_frame, write_frame};

const CHALLENGE: &[u8] = b"#CHALLENGE#";
const WELCOME: &[u8] = b"#WELCOME#";
const FAILURE: &[u8] = b"#FAILURE#";

/// What a server's message begins with. Every CPython understands it: one
/// before 3.12 answers with MD5 all the same.
const SERVER_DIGEST: &[u8] = b"{sha256}";

/// What a client's message begins with. Every CPython server answers it, and
/// none sends it. Our client never does: so a server without the key cannot
/// pass one client's message to another, as its own, and return the answer.
const CLIENT_DIGEST: &[u8] = b"{sha384}";

/// The random bytes of a message.
const RANDOM: usize = 40;

/// The length of a message before CPython 3.12, and of its answer.
const OLD_LENGTHS: [usize; 2] = [20, 16];

/// What both sides must know: Python's `authkey`.
///
/// ```
/// use pymanagers::Key;
///
/// assert_eq!(format!("{:?}", Key::from("abc")), "Key(of 3 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key that cannot be guessed: 64 hexadecimal digits.
    pub fn random() -> (Self, String) {
        let bytes: [u8; 32] = rand::random();
        let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        (Self::from(text.as_str()), text)
    }

    /// Whether it is empty. No server and no client takes such a key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn check(&self) -> Result<(), Error> {
        match self.is_empty() {
            true => Err(Error::Authentication("the key is empty")),
            false => Ok(()),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<&[u8]> for Key {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Key {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A key is never printed.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(of {} bytes)", self.0.len())
    }
}

/// The answer to a message, as CPython's `_create_response` gives it; `None`
/// when the message asks for a digest that we do not have.
pub fn response(key: &Key, message: &[u8]) -> Option<Vec<u8>> {
    let (digest, _) = split_tag(message)?;
    let mut answer = Vec::new();
    if !digest.is_empty() {
        answer = [b"{", digest, b"}"].concat();
    }
    answer.extend(match digest {
        b"" | b"md5" => mac::<Hmac<Md5>>(key, message),
        b"sha256" => mac::<Hmac<Sha256>>(key, message),
        b"sha384" => mac::<Hmac<Sha384>>(key, message),
        _ => return None,
    });
    Some(answer)
}

/// Whether this answer is right, as CPython's `_verify_challenge` decides.
/// How long it takes does not tell where a wrong one is wrong.
pub fn verify(key: &Key, message: &[u8], answer: &[u8]) -> bool {
    match split_tag(answer) {
        Some((b"" | b"md5", mac)) => same::<Hmac<Md5>>(key, message, mac),
        Some((b"sha256", mac)) => same::<Hmac<Sha256>>(key, message, mac),
        Some((b"sha384", mac)) => same::<Hmac<Sha384>>(key, message, mac),
        _ => false,
    }
}

/// The digest's name and the rest; the name is empty in the old form.
fn split_tag(message: &[u8]) -> Option<(&[u8], &[u8])> {
    if OLD_LENGTHS.contains(&message.len()) {
        return Some((b"", message));
    }
    let inside = message.strip_prefix(b"{")?;
    let end = inside.iter().take(9).position(|b| *b == b'}')?;
    (end > 0).then(|| (&inside[..end], &inside[end + 1..]))
}

fn keyed<M: Mac + KeyInit>(key: &Key, message: &[u8]) -> M {
    let mac = <M as KeyInit>::new_from_slice(&key.0);
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(message);
    mac
}

fn mac<M: Mac + KeyInit>(key: &Key, message: &[u8]) -> Vec<u8> {
    keyed::<M>(key, message).finalize().into_bytes().to_vec()
}

fn same<M: Mac + KeyInit>(key: &Key, message: &[u8], mac: &[u8]) -> bool {
    keyed::<M>(key, message).verify_slice(mac).is_ok()
}

/// The server's side of the handshake.
///
/// # Errors
///
/// When one of the two does not know the key, or says something else.
pub fn server_handshake(
    stream: &mut (impl Read + Write),
    key: &Key,
) -> Result<(), Error> {
    key.check()?;
    in_time(deliver_challenge(stream, key, SERVER_DIGEST))?;
    in_time(answer_challenge(stream, key, |_| true))
}

/// The client's side of the handshake.
///
/// # Errors
///
/// When one of the two does not know the key, or says something else; also
/// when the server sends a message such as only our clients do.
pub fn client_handshake(
    stream: &mut (impl Read + Write),
    key: &Key,
) -> Result<(), Error> {
    key.check()?;
    let is_of_a_server = |message: &[u8]| !message.starts_with(CLIENT_DIGEST);
    in_time(answer_challenge(stream, key, is_of_a_server))?;
    in_time(deliver_challenge(stream, key, CLIENT_DIGEST))
}

fn in_time(result: Result<(), Error>) -> Result<(), Error> {
    let late = "handshake timed out";
    match result {
        Err(Error::Io(error)) if error.kind() == ErrorKind::TimedOut => {
            Err(io::Error::new(ErrorKind::TimedOut, late).into())
        }
        result => result,
    }
}

// ANCHOR: deliver_challenge
fn deliver_challenge(
    stream: &mut (impl Read + Write),
    key: &Key,
    digest: &[u8],
) -> Result<(), Error> {
    let random: [u8; RANDOM] = rand::random();
    let message = [digest, &random].concat();
    write_frame(stream, &[CHALLENGE, &message].concat())?;
    let answer = read_message(stream)?;
    if verify(key, &message, &answer) {
        write_frame(stream, WELCOME)?;
        return Ok(());
    }
    write_frame(stream, FAILURE)?;
    Err(Error::Authentication("digest received was wrong"))
}

fn answer_challenge(
    stream: &mut (impl Read + Write),
    key: &Key,
    may_answer: impl Fn(&[u8]) -> bool,
) -> Result<(), Error> {
    let challenge = read_message(stream)?;
    let Some(message) = challenge.strip_prefix(CHALLENGE) else {
        let reason = "the other side does not speak this protocol";
        return Err(Error::Protocol(reason.into()));
    };
    if !may_answer(message) {
        let reason = "the server sent another client's challenge";
        return Err(Error::Authentication(reason));
    }
    let Some(answer) = response(key, message) else {
        return Err(Error::Authentication("unsupported digest"));
    };
    write_frame(stream, &answer)?;
    if read_message(stream)? == WELCOME {
        return Ok(());
    }
    Err(Error::Authentication("digest sent was rejected"))
}
// ANCHOR_END: deliver_challenge

fn read_message(stream: &mut impl Read) -> Result<Vec<u8>, Error> {
    read_frame(stream, MAX_HANDSHAKE)?.ok_or_else(Error::closed)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Taken from `_create_response` of CPython 3.13.
    #[test]
    fn answers_are_those_of_cpython() {
        let key = Key::from("abc");
        let old = response(&key, &[7; 20]).unwrap();
        assert_eq!(hex(&old), OLD);
        let new = [SERVER_DIGEST, &[7; 40]].concat();
        let new = response(&key, &new).unwrap();
        assert_eq!(&new[..8], SERVER_DIGEST);
        assert_eq!(hex(&new[8..]), NEW);
    }

    const OLD: &str = "f5c0091d808b632b9f6df23979a28917";
    const NEW: &str =
        "19bbdc137c070c39e621c0a6a3d05a5ff4cdc11b5f9231e1a0549696371c840a";

    #[test]
    fn only_the_right_key_is_right() {
        let key = Key::from("abc");
        let other = Key::from("abd");
        for message in [vec![7; 20], [SERVER_DIGEST, &[7; 40]].concat()] {
            let answer = response(&key, &message).unwrap();
            assert!(verify(&key, &message, &answer));
            assert!(!verify(&other, &message, &answer));
            for i in 0..answer.len() {
                let mut wrong = answer.clone();
                wrong[i] ^= 1;
                assert!(!verify(&key, &message, &wrong), "byte {i}");
                assert!(!verify(&key, &message, &answer[..i]), "{i} bytes");
            }
        }
    }

    #[test]
    fn an_old_answer_to_a_new_message_is_right() {
        let key = Key::from("abc");
        let message = [SERVER_DIGEST, &[7; 40]].concat();
        assert!(verify(&key, &message, &mac::<Hmac<Md5>>(&key, &message)));
    }

    #[test]
    fn a_message_of_another_form_has_no_answer() {
        let key = Key::from("abc");
        for message in [
            &b""[..],
            b"{sha256",
            b"{}12345678901234567890",
            b"{sha1}12345678901234567890",
            b"{sha3_25656}1234567890",
            &[7; 21],
        ] {
            assert_eq!(response(&key, message), None, "{message:?}");
            assert!(!verify(&key, &[7; 20], message), "{message:?}");
        }
    }

    type Words = Result<(), String>;

    /// How both sides end, by their keys.
    fn handshake(server_key: &str, client_key: &str) -> (Words, Words) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let words = |r: Result<(), Error>| r.map_err(|e| e.to_string());
        thread::scope(|s| {
            let server = s.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                server_handshake(&mut stream, &server_key.into())
            });
            let mut stream = TcpStream::connect(address).unwrap();
            let client = client_handshake(&mut stream, &client_key.into());
            (words(server.join().unwrap()), words(client))
        })
    }

    #[test]
    fn both_sides_know_the_key_or_part() {
        assert_eq!(handshake("abc", "abc"), (Ok(()), Ok(())));
        let wrong = Err("digest received was wrong".to_string());
        let rejected = Err("digest sent was rejected".to_string());
        assert_eq!(handshake("abc", "abd"), (wrong, rejected));
    }

    #[test]
    fn an_empty_key_is_refused_on_both_sides() {
        let refused = Err("the key is empty".to_string());
        let (server, client) = handshake("", "");
        assert_eq!((server, client), (refused.clone(), refused));
    }

    /// A server without the key passes the message of one client to another,
    /// as its own, and would return the answer.
    #[test]
    fn a_client_does_not_answer_what_another_client_asks() {
        let key = Key::from("abc");
        let mut first = Says::new(&[&[CHALLENGE, &[7; 20]].concat(), WELCOME]);
        client_handshake(&mut first, &key).unwrap_err();
        let mut heard = &first.heard[..];
        read_frame(&mut heard, MAX_HANDSHAKE).unwrap().expect("an answer");
        let asked = read_frame(&mut heard, MAX_HANDSHAKE).unwrap();
        let asked = asked.expect("its own challenge");
        let mut second = Says::new(&[&asked]);
        let error = client_handshake(&mut second, &key).unwrap_err();
        let refused = "the server sent another client's challenge";
        assert_eq!(error.to_string(), refused);
        assert_eq!(second.heard, b"", "it has answered nothing");
        // A server, ours or CPython's, does answer it.
        let message = asked.strip_prefix(CHALLENGE).unwrap();
        let answer = response(&key, message).unwrap();
        assert!(verify(&key, message, &answer));
    }

    #[test]
    fn a_server_without_the_key_is_refused() {
        let key = Key::from("abc");
        let challenge = [CHALLENGE, &[7; 20]].concat();
        let mut server = Says::new(&[&challenge, WELCOME, &[0; 16]]);
        let error = client_handshake(&mut server, &key).unwrap_err();
        assert_eq!(error.to_string(), "digest received was wrong");
        assert!(server.heard.ends_with(FAILURE));
    }

    /// A peer that says the same whatever it hears.
    struct Says {
        says: io::Cursor<Vec<u8>>,
        heard: Vec<u8>,
    }

    impl Says {
        fn new(frames: &[&[u8]]) -> Self {
            let mut says = Vec::new();
            for frame in frames {
                write_frame(&mut says, frame).unwrap();
            }
            Self { says: io::Cursor::new(says), heard: Vec::new() }
        }
    }

    impl Read for Says {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.says.read(into)
        }
    }

    impl Write for Says {
        fn write(&mut self, from: &[u8]) -> io::Result<usize> {
            self.heard.write(from)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
