//! The calls of rand 0.4 that programs written for it make, over rand 0.8: HumanEvalPack's Rust data asks for 0.4.

pub use rand::{rngs::StdRng, rngs::ThreadRng, thread_rng, Error, RngCore, SeedableRng};

pub mod distributions {
    pub use rand::distributions::*;
}

use rand::distributions::uniform::{SampleBorrow, SampleUniform};
use rand::distributions::{Distribution, Standard};

/// What `use rand::Rng` brings: the methods of 0.4, so `gen_range` takes two numbers and not a range.
pub trait Rng: RngCore {
    fn gen<T>(&mut self) -> T
    where
        Standard: Distribution<T>,
    {
        Standard.sample(self)
    }

    fn gen_range<T, B1, B2>(&mut self, low: B1, high: B2) -> T
    where
        T: SampleUniform,
        B1: SampleBorrow<T>,
        B2: SampleBorrow<T>,
    {
        rand::distributions::Uniform::new(low, high).sample(self)
    }

    fn gen_weighted_bool(&mut self, n: u32) -> bool {
        n <= 1 || self.gen_range(0, n) == 0
    }

    fn choose<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        if values.is_empty() {
            return None;
        }
        Some(&values[self.gen_range(0, values.len())])
    }

    fn choose_mut<'a, T>(&mut self, values: &'a mut [T]) -> Option<&'a mut T> {
        if values.is_empty() {
            return None;
        }
        let index = self.gen_range(0, values.len());
        Some(&mut values[index])
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.gen_range(0, last + 1));
        }
    }
}

impl<R: RngCore + ?Sized> Rng for R {}

/// A random value from the thread's own generator.
pub fn random<T>() -> T
where
    Standard: Distribution<T>,
{
    thread_rng().gen()
}
