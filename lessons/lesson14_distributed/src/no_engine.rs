//! What stands for the engine in a build without the feature `nats`.

use std::error::Error;

use lesson14_distributed::farm::{self, Farm};
use shared::MissingDependency;

use crate::options::{self, Queue};

const WITHOUT: &str = "this build knows no NATS; run it with \
    `cargo run -p lesson14_distributed --features nats -- ...`";

fn missing<T>() -> Result<T, Box<dyn Error>> {
    Err(MissingDependency(WITHOUT.into()).into())
}

pub fn create(
    _: &str,
    _: &Queue,
    _: &options::Master,
) -> Result<Box<dyn Farm>, Box<dyn Error>> {
    missing()
}

pub fn open(_: &Queue) -> Result<Box<dyn Farm>, farm::Error> {
    Err(farm::Error::Failed(WITHOUT.into()))
}

pub fn name(_: &Queue) -> Result<String, Box<dyn Error>> {
    missing()
}

pub fn status(args: &[String]) -> Result<(), Box<dyn Error>> {
    Queue::read(args).and_then(|_| missing())
}

pub fn clear(args: &[String]) -> Result<(), Box<dyn Error>> {
    Queue::read(args).and_then(|_| missing())
}

pub fn cluster(_: &[String]) -> Result<(), Box<dyn Error>> {
    missing()
}

pub fn cluster_child(_: &[String]) -> Result<(), Box<dyn Error>> {
    missing()
}

pub fn keeper(_: &[String]) -> Result<(), Box<dyn Error>> {
    missing()
}
