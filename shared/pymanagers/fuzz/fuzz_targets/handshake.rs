//! A peer that says anything in the handshake, to our server or to our
//! client. A peer that does not know the key is always refused, and soon.
#![no_main]

use std::io::{self, Read, Write};

use pymanagers::{Key, auth, frame};
use libfuzzer_sys::fuzz_target;

const CHALLENGE: &[u8] = b"#CHALLENGE#";

fuzz_target!(|bytes: &[u8]| {
    let [way, words @ ..] = bytes else {
        return;
    };
    let key = Key::from("abc");
    let other = Key::from("abd");
    let knows_it = way & 2 == 2;
    let key_of_peer = knows_it.then_some(&key);
    let mut peer =
        Peer { words, key: key_of_peer, answer: Vec::new(), heard: 0 };
    let let_in = match way & 1 {
        0 => auth::client_handshake(&mut peer, &key),
        _ => auth::server_handshake(&mut peer, &key),
    };
    assert!(let_in.is_err() || knows_it, "a stranger was let in");
    assert!(peer.heard <= 3 * (12 + frame::MAX_HANDSHAKE), "{}", peer.heard);
    let (message, answer) = words.split_at(words.len() / 2);
    let right = auth::response(&key, message);
    if let Some(right) = &right {
        assert!(auth::verify(&key, message, right));
        assert!(!auth::verify(&other, message, right));
    }
    let _ = auth::verify(&key, message, answer);
});

/// Says its words; if it knows the key, it first answers a challenge.
struct Peer<'a> {
    words: &'a [u8],
    key: Option<&'a Key>,
    answer: Vec<u8>,
    heard: usize,
}

impl Read for Peer<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.answer {
            none if none.is_empty() => self.words.read(into)?,
            answer => {
                let read = answer.as_slice().read(into)?;
                answer.drain(..read);
                read
            }
        };
        self.heard += read;
        Ok(read)
    }
}

impl Write for Peer<'_> {
    /// Takes a frame, which comes as one piece.
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        if let Some(message) = frame[4..].strip_prefix(CHALLENGE)
            && let Some(key) = self.key
        {
            let answer = auth::response(key, message).expect("our own form");
            frame::write_frame(&mut self.answer, &answer)?;
        }
        Ok(frame.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
