//! Writes what the targets start from: what CPython once sent.

use std::{fs, io};

fn main() -> io::Result<()> {
    let frames = include_str!("../../../tests/pymanagers/frames.txt");
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    for target in ["pickle", "handshake"] {
        fs::create_dir_all(format!("{corpus}/{target}"))?;
    }
    let mut talk = Vec::new();
    let mut talks = 0;
    for (i, line) in frames.lines().enumerate() {
        match line.split_once(' ') {
            Some(("greeting", hex)) => talk.push(bytes(hex)),
            Some(("request" | "reply", hex)) => {
                fs::write(format!("{corpus}/pickle/{i}"), bytes(hex))?;
            }
            _ => {}
        }
        if talk.len() == 6 {
            talks += 1;
            write_talk(&format!("{corpus}/handshake/{talks}"), &talk)?;
            talk.clear();
        }
    }
    for (i, large) in large_ones().iter().enumerate() {
        fs::write(format!("{corpus}/pickle/large-{i}"), large)?;
    }
    Ok(())
}

/// Pickles that are nearly too large: each list holds the one before twice; a
/// text comes again and again; tuples lie in each other.
fn large_ones() -> [Vec<u8>; 3] {
    let mut lists = b"\x80\x04(]\x94".to_vec();
    for i in 0..14 {
        lists.extend([b']', 0x94, b'(', b'h', i, b'h', i, b'e']);
    }
    lists.extend(b"t.");
    let text = [&b"\x80\x04(X\0\x40\0\0"[..], &[b'x'; 1 << 14]].concat();
    let texts = [&text[..], b"\x94", &b"h\0".repeat(1020), b"t."].concat();
    [lists, texts, [&b"N"[..], &[0x85; 98], b"."].concat()]
}

/// The server's words, and the client's; and both without the answer, for a
/// peer that knows the key and gives its own.
fn write_talk(path: &str, talk: &[Vec<u8>]) -> io::Result<()> {
    for way in 0..4 {
        let is_said = |i: usize| i % 2 == way % 2 && (way < 2 || i % 3 != 1);
        let words = talk.iter().enumerate().filter(|(i, _)| is_said(*i));
        let words = words.flat_map(|(_, word)| {
            [&(word.len() as u32).to_be_bytes()[..], word].concat()
        });
        let input: Vec<u8> = [way as u8].into_iter().chain(words).collect();
        fs::write(format!("{path}-{way}"), input)?;
    }
    Ok(())
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| {
        let pair = str::from_utf8(pair).expect("two digits");
        u8::from_str_radix(pair, 16).expect("in hex")
    });
    pairs.collect()
}
