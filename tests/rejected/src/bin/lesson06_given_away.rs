// error[E0382]: an end that a child was given is not ours any more.
use std::io::{self, Read};
use std::process::Command;

fn main() -> io::Result<()> {
    let (mut reader, writer) = io::pipe()?;
    let mut child = Command::new("cat").stdin(reader).spawn()?;
    reader.read_to_end(&mut Vec::new())?;
    drop(writer);
    child.wait()?;
    Ok(())
}
