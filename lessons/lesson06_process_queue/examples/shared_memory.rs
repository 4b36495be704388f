//! Memory that another process finds by a name: `SharedMemory`.

use std::error::Error;
use std::fs::File;

use memmap2::MmapMut;

// ANCHOR: main
fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        map(&name)?[..5].copy_from_slice(b"hello"); // The child writes.
        return Ok(());
    }
    let file = tempfile::NamedTempFile::new()?; // Removed when it is dropped.
    file.as_file().set_len(16)?;
    let name = file.path().display().to_string();
    assert!(shared::child(&name, [""; 0])?.status()?.success());
    let memory = map(&name)?;
    println!("The child has written {:?}", str::from_utf8(&memory[..5])?);
    Ok(())
}

fn map(name: &str) -> Result<MmapMut, Box<dyn Error>> {
    let file = File::options().read(true).write(true).open(name)?;
    // SAFETY: the child has exited before the parent maps the file.
    #[expect(unsafe_code, reason = "the compiler cannot know the processes")]
    Ok(unsafe { MmapMut::map_mut(&file)? })
}
// ANCHOR_END: main
