//! A function that workers know by its name.

use super::wire::Bytes;

/// A function from `A` to `R` with a name: the name travels, the function does
/// not. Python pickles a function in the same way.
pub struct Task<A, R> {
    pub(super) name: &'static str,
    run: fn(A) -> R,
}

impl<A, R> Task<A, R> {
    /// Names a function. It goes by this name in the workers' table.
    pub const fn new(name: &'static str, run: fn(A) -> R) -> Self {
        Self { name, run }
    }
}

/// A task of any type: what the workers' table is made of.
pub trait Named: Sync {
    /// The name that travels.
    fn name(&self) -> &'static str;

    /// Runs the function on `count` arguments out of `args`, and appends what
    /// it returns to `results`. `None` when `args` are no such arguments.
    fn run(
        &self,
        count: u64,
        args: &mut &[u8],
        results: &mut Vec<u8>,
    ) -> Option<()>;
}

impl<A: Bytes, R: Bytes> Named for Task<A, R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(
        &self,
        count: u64,
        args: &mut &[u8],
        results: &mut Vec<u8>,
    ) -> Option<()> {
        for _ in 0..count {
            (self.run)(A::take(args)?).put(results);
        }
        args.is_empty().then_some(())
    }
}
