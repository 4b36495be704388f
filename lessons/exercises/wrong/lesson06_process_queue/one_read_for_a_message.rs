use std::io::{self, Read, Write};

/// Sends one message.
pub fn send(pipe: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = message.len() as u32;
    pipe.write_all(&length.to_be_bytes())?;
    pipe.write_all(message)
}

/// Receives the next message, if there is one.
pub fn receive(pipe: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if pipe.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    pipe.read_exact(&mut length[1..])?;
    let mut message = vec![0; u32::from_be_bytes(length) as usize];
    let read = pipe.read(&mut message)?;
    message.truncate(read);
    Ok(Some(message))
}
