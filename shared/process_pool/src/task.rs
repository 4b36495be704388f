//! A function that workers know by its name.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire;

/// A function from `A` to `R` with a name: the name travels, the function does
/// not. Python pickles a function in the same way.
pub struct Task<A, R> {
    name: &'static str,
    run: fn(A) -> R,
}

impl<A, R> Task<A, R> {
    /// Names a function. Each name appears once in the workers' table.
    pub const fn new(name: &'static str, run: fn(A) -> R) -> Self {
        Self { name, run }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// A task of any type: the workers' table is made of these.
pub trait ErasedTask: Sync {
    /// The name that travels.
    fn name(&self) -> &'static str;

    /// Runs the function on `count` serialized arguments, and appends what it
    /// returns to `results`.
    ///
    /// # Errors
    ///
    /// If an argument or a result has not the format of its type.
    fn run(
        &self,
        count: usize,
        args: &[u8],
        results: Vec<u8>,
    ) -> Result<Vec<u8>, postcard::Error>;
}

impl<A: DeserializeOwned, R: Serialize> ErasedTask for Task<A, R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(
        &self,
        count: usize,
        args: &[u8],
        results: Vec<u8>,
    ) -> Result<Vec<u8>, postcard::Error> {
        let mut deserializer = postcard::Deserializer::from_bytes(args);
        let mut error = None;
        let returned =
            (0..count).map_while(|_| match A::deserialize(&mut deserializer) {
                Ok(arg) => Some((self.run)(arg)),
                Err(why) => {
                    error = Some(why);
                    None
                }
            });
        let results = wire::append(returned, results)?;
        error.map_or(Ok(results), Err)
    }
}
