//! Writes what the targets start from: what CPython once sent.

use std::{fs, io};

fn main() -> io::Result<()> {
    let frames = include_str!("../../../tests/lesson14_distributed/frames.txt");
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    for target in ["pickle", "handshake"] {
        fs::create_dir_all(format!("{corpus}/{target}"))?;
    }
    let (mut talk, mut talks) = (Vec::new(), 0);
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
    Ok(())
}

/// The server's words, and the client's, for each way of taking them.
fn write_talk(path: &str, talk: &[Vec<u8>]) -> io::Result<()> {
    for way in 0..4 {
        let words = talk.iter().skip(way % 2).step_by(2);
        let words = words.flat_map(|word| {
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
