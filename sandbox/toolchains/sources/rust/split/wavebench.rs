//! Joins a candidate and its tests, which run in two processes: frames of a 32-bit length on descriptors 3 (in) and
//! 4 (out). Both sides link this crate.

mod frames;
mod server;
mod tester;
mod values;

pub use server::serve;
pub use tester::{call, check, run};
pub use values::{Get, In, Out, Put};
