// error[E0599]: a pipe has two ends, and one of them only reads.
use std::io::{self, Write};

fn main() -> io::Result<()> {
    let (mut reader, writer) = io::pipe()?;
    reader.write_all(b"A")?;
    drop(writer);
    Ok(())
}
