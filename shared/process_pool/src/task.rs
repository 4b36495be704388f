//! A function that workers know by its name.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A function from `A` to `R` with a name: the name travels, the function does
/// not. Python pickles a function in the same way.
pub struct Task<A, R> {
    name: &'static str,
    function: fn(A) -> R,
}

impl<A, R> Task<A, R> {
    /// Names a function. Each name appears once in the workers' table.
    ///
    /// # Panics
    ///
    /// If the name has a zero byte, which ends it in a message.
    pub const fn new(name: &'static str, function: fn(A) -> R) -> Self {
        let mut at = 0;
        while at < name.len() {
            assert!(name.as_bytes()[at] != 0, "a name has no zero byte");
            at += 1;
        }
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

    /// Runs the function on the serialized arguments, and returns the
    /// serialized results.
    ///
    /// # Errors
    ///
    /// If an argument or a result cannot be (de)serialized.
    fn run(&self, args: &[u8]) -> Result<Vec<u8>, String>;
}

impl<A: DeserializeOwned, R: Serialize> ErasedTask for Task<A, R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, args: &[u8]) -> Result<Vec<u8>, String> {
        let why = |error| format!("cannot be (de)serialized: {error}");
        let args: Vec<A> = bitcode::deserialize(args).map_err(why)?;
        let results: Vec<R> = args.into_iter().map(self.function).collect();
        bitcode::serialize(&results).map_err(why)
    }
}
