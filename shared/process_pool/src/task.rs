//! A function that workers know by its name.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire;

/// A function from `A` to `R` with a name: the name travels, the function does
/// not. Python pickles a function in the same way.
pub struct Task<A, R> {
    name: &'static str,
    function: fn(A) -> R,
}

impl<A, R> Task<A, R> {
    /// Names a function. Each name appears once in the workers' table.
    pub const fn new(name: &'static str, function: fn(A) -> R) -> Self {
        Self { name, function }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// A task of any type: the workers' table is made of these.
pub trait ErasedTask: Sync {
    /// The name that travels.
    fn name(&self) -> &'static str;

    /// Runs the function on `count` serialized arguments, and returns the
    /// serialized results.
    ///
    /// # Errors
    ///
    /// If an argument or a result does not have the format of its type.
    fn run(&self, count: usize, args: &[u8]) -> postcard::Result<Vec<u8>>;
}

impl<A: DeserializeOwned, R: Serialize> ErasedTask for Task<A, R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, count: usize, args: &[u8]) -> postcard::Result<Vec<u8>> {
        let mut args = postcard::Deserializer::from_bytes(args);
        wire::serialize((0..count).map(|_| {
            let arg = A::deserialize(&mut args)?;
            Ok((self.function)(arg))
        }))
    }
}
