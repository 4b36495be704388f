// error[E0382]: an end of a pipe that was given to a child is moved.
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
