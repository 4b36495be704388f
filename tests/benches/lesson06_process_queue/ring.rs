//! Messages of one size through a ring of slots in shared memory, from one
//! writer to one reader. A side that has to wait yields, and asks again.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering::Acquire, Ordering::Release};
use std::{slice, thread};

use memmap2::MmapRaw;

/// Bytes that the slots may have together.
const ROOM: usize = 1024 * 1024;

/// Bytes before the slots: two counters, each in a cache line of its own.
const HEAD: usize = 128;

pub struct Ring {
    map: MmapRaw,
    size: usize,
    slots: usize,
}

impl Ring {
    /// The file that a ring lies in.
    pub fn file(size: usize) -> io::Result<File> {
        let file = tempfile::tempfile()?;
        file.set_len((HEAD + slots(size) * size) as u64)?;
        Ok(file)
    }

    pub fn new(file: OwnedFd, size: usize) -> io::Result<Self> {
        let map = MmapRaw::map_raw(&file)?;
        assert!(map.len() >= HEAD + slots(size) * size, "made by `file`");
        Ok(Self { map, size, slots: slots(size) })
    }

    pub fn put(&mut self, message: &[u8]) {
        let written = self.counter(0);
        let read = self.counter(1);
        let at = written.load(Acquire);
        while at - read.load(Acquire) == self.slots {
            thread::yield_now();
        }
        self.slot(at).copy_from_slice(message);
        self.counter(0).store(at + 1, Release);
    }

    pub fn get(&mut self, message: &mut [u8]) {
        let written = self.counter(0);
        let read = self.counter(1);
        let at = read.load(Acquire);
        while written.load(Acquire) == at {
            thread::yield_now();
        }
        message.copy_from_slice(self.slot(at));
        self.counter(1).store(at + 1, Release);
    }

    fn counter(&self, which: usize) -> &AtomicUsize {
        // SAFETY: the file begins with two counters in 128 bytes, and every
        // process uses them as atomics only.
        #[expect(unsafe_code, reason = "only we know what stands in the file")]
        unsafe {
            &*self.map.as_ptr().add(which * HEAD / 2).cast()
        }
    }

    fn slot(&mut self, at: usize) -> &mut [u8] {
        let start = HEAD + at % self.slots * self.size;
        // SAFETY: it lies in the map, and the counters give each slot either
        // to the one writer or to the one reader.
        #[expect(unsafe_code, reason = "only we know what stands in the file")]
        unsafe {
            let start = self.map.as_mut_ptr().add(start);
            slice::from_raw_parts_mut(start, self.size)
        }
    }
}

fn slots(size: usize) -> usize {
    (ROOM / size).clamp(2, 1024)
}
