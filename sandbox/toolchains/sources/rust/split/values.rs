//! Plain values as bytes. A value is read as its declared type and no other; counts are checked before anything is made.
//!
//! Tags: i integer of 128 bits, f and d float of 32 and 64, b bool, c character, s string of UTF-8, l list, m map,
//! t tuple, u the empty one, n and o nothing and something, O and E a result. A value of any type has a digit that
//! names its type before it, and ? where that is none of the known.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;

pub const MOST_BYTES: usize = 16 << 20;
const MOST_ITEMS: usize = 1_000_000;
const DEEPEST: usize = 64;

/// Panicked with: the bytes are no answer.
pub struct Bad(pub &'static str);
/// Panicked with: bytes cannot carry the value.
pub struct Cannot(pub &'static str);

pub fn bad(why: &'static str) -> ! {
    std::panic::panic_any(Bad(why))
}

pub struct Out(pub Vec<u8>);

impl Out {
    fn tag(&mut self, tag: u8) {
        self.0.push(tag)
    }
    fn count(&mut self, count: usize) {
        if self.0.len() > MOST_BYTES {
            std::panic::panic_any(Cannot("a value larger than 16 MiB"))
        }
        self.0.extend((count as u32).to_le_bytes())
    }
    fn items<'a, T: Put + 'a>(&mut self, count: usize, items: impl Iterator<Item = &'a T>) {
        self.tag(b'l');
        self.count(count);
        items.for_each(|item| item.put(self))
    }
}

pub struct In<'a> {
    data: &'a [u8],
    made: usize,
    depth: usize,
}

impl<'a> In<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        In { data, made: 0, depth: 0 }
    }
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }
    fn take(&mut self, count: usize) -> &'a [u8] {
        if count > self.data.len() {
            bad("it ends early")
        }
        let (taken, rest) = self.data.split_at(count);
        self.data = rest;
        taken
    }
    pub fn tag(&mut self) -> u8 {
        self.take(1)[0]
    }
    fn expect(&mut self, wanted: u8) {
        if self.tag() != wanted {
            bad("a value of another type")
        }
    }
    pub fn number(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().unwrap())
    }
    fn text(&mut self) -> &'a [u8] {
        let size = self.number() as usize;
        self.take(size)
    }
    fn count(&mut self) -> usize {
        let count = self.number() as usize;
        self.made += count;
        if count > self.data.len() || self.made > MOST_ITEMS {
            bad("too many items")
        }
        count
    }
    fn items<T>(&mut self, tag: u8, mut get: impl FnMut(&mut Self) -> T) -> Vec<T> {
        self.expect(tag);
        self.depth += 1;
        if self.depth > DEEPEST {
            bad("nested deeper than 64")
        }
        let items = (0..self.count()).map(|_| get(self)).collect();
        self.depth -= 1;
        items
    }
}

pub trait Put {
    fn put(&self, output: &mut Out);
}
pub trait Get: Sized {
    fn get(input: &mut In) -> Self;
}

macro_rules! integers { ($($t:ty)*) => { $(
    impl Put for $t {
        fn put(&self, output: &mut Out) {
            output.tag(b'i');
            output.0.extend((*self as i128).to_le_bytes())
        }
    }
    impl Get for $t {
        fn get(input: &mut In) -> Self {
            input.expect(b'i');
            let value = i128::from_le_bytes(input.take(16).try_into().unwrap());
            value.try_into().unwrap_or_else(|_| bad("a number out of range"))
        }
    }
)* } }
integers! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize }

macro_rules! floats { ($($t:ty, $tag:literal, $size:literal)*) => { $(
    impl Put for $t {
        fn put(&self, output: &mut Out) {
            output.tag($tag);
            output.0.extend(self.to_le_bytes())
        }
    }
    impl Get for $t {
        fn get(input: &mut In) -> Self {
            input.expect($tag);
            <$t>::from_le_bytes(input.take($size).try_into().unwrap())
        }
    }
)* } }
floats! { f32, b'f', 4 f64, b'd', 8 }

impl Put for bool {
    fn put(&self, output: &mut Out) {
        output.0.extend([b'b', *self as u8])
    }
}
impl Get for bool {
    fn get(input: &mut In) -> Self {
        input.expect(b'b');
        input.tag() == 1
    }
}
impl Put for char {
    fn put(&self, output: &mut Out) {
        output.tag(b'c');
        output.0.extend((*self as u32).to_le_bytes())
    }
}
impl Get for char {
    fn get(input: &mut In) -> Self {
        input.expect(b'c');
        char::from_u32(input.number()).unwrap_or_else(|| bad("no character"))
    }
}
impl Put for str {
    fn put(&self, output: &mut Out) {
        output.tag(b's');
        output.count(self.len());
        output.0.extend(self.as_bytes())
    }
}
impl Put for String {
    fn put(&self, output: &mut Out) {
        self.as_str().put(output)
    }
}
impl Get for String {
    fn get(input: &mut In) -> Self {
        input.expect(b's');
        String::from_utf8(input.text().to_vec()).unwrap_or_else(|_| bad("a string that is no UTF-8"))
    }
}
/// Stays for ever: a process reads few of them.
impl Get for &'static str {
    fn get(input: &mut In) -> Self {
        Box::leak(String::get(input).into_boxed_str())
    }
}
impl Put for () {
    fn put(&self, output: &mut Out) {
        output.tag(b'u')
    }
}
impl Get for () {
    fn get(input: &mut In) -> Self {
        input.expect(b'u')
    }
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, output: &mut Out) {
        (**self).put(output)
    }
}
impl<T: Put + ?Sized> Put for Box<T> {
    fn put(&self, output: &mut Out) {
        (**self).put(output)
    }
}
impl<T: Put> Put for [T] {
    fn put(&self, output: &mut Out) {
        output.items(self.len(), self.iter())
    }
}
impl<T: Put, const N: usize> Put for [T; N] {
    fn put(&self, output: &mut Out) {
        self.as_slice().put(output)
    }
}
impl<T: Get, const N: usize> Get for [T; N] {
    fn get(input: &mut In) -> Self {
        Vec::get(input).try_into().unwrap_or_else(|_| bad("a list of another length"))
    }
}

macro_rules! sequences { ($($name:ident ($($bound:tt)*))*) => { $(
    impl<T: Put> Put for $name<T> {
        fn put(&self, output: &mut Out) {
            output.items(self.len(), self.iter())
        }
    }
    impl<T: Get $($bound)*> Get for $name<T> {
        fn get(input: &mut In) -> Self {
            input.items(b'l', T::get).into_iter().collect()
        }
    }
)* } }
sequences! { Vec () VecDeque () HashSet (+ Eq + Hash) BTreeSet (+ Ord) }

macro_rules! maps { ($($name:ident ($($bound:tt)*))*) => { $(
    impl<K: Put, V: Put> Put for $name<K, V> {
        fn put(&self, output: &mut Out) {
            output.tag(b'm');
            output.count(self.len());
            for (key, value) in self {
                key.put(output);
                value.put(output)
            }
        }
    }
    impl<K: Get $($bound)*, V: Get> Get for $name<K, V> {
        fn get(input: &mut In) -> Self {
            input.items(b'm', |input| (K::get(input), V::get(input))).into_iter().collect()
        }
    }
)* } }
maps! { HashMap (+ Eq + Hash) BTreeMap (+ Ord) }

impl<T: Put> Put for Option<T> {
    fn put(&self, output: &mut Out) {
        match self {
            None => output.tag(b'n'),
            Some(value) => {
                output.tag(b'o');
                value.put(output)
            }
        }
    }
}
impl<T: Get> Get for Option<T> {
    fn get(input: &mut In) -> Self {
        match input.tag() {
            b'n' => None,
            b'o' => Some(T::get(input)),
            _ => bad("a value of another type"),
        }
    }
}
impl<T: Put, E: Put> Put for Result<T, E> {
    fn put(&self, output: &mut Out) {
        match self {
            Ok(value) => {
                output.tag(b'O');
                value.put(output)
            }
            Err(error) => {
                output.tag(b'E');
                error.put(output)
            }
        }
    }
}
impl<T: Get, E: Get> Get for Result<T, E> {
    fn get(input: &mut In) -> Self {
        match input.tag() {
            b'O' => Ok(T::get(input)),
            b'E' => Err(E::get(input)),
            _ => bad("a value of another type"),
        }
    }
}

macro_rules! tuples { ($($size:literal ($($t:ident $n:tt)*))*) => { $(
    impl<$($t: Put),*> Put for ($($t,)*) {
        fn put(&self, output: &mut Out) {
            output.tag(b't');
            output.count($size);
            $(self.$n.put(output);)*
        }
    }
    impl<$($t: Get),*> Get for ($($t,)*) {
        fn get(input: &mut In) -> Self {
            input.expect(b't');
            if input.count() != $size {
                bad("a tuple of another size")
            }
            ($($t::get(input),)*)
        }
    }
)* } }
tuples! { 1 (A 0) 2 (A 0 B 1) 3 (A 0 B 1 C 2) 4 (A 0 B 1 C 2 D 3) }

/// A value of a type outside of the set: equal to nothing that tests ask for.
struct OfAnotherType;

macro_rules! any { ($($tag:literal $t:ty),*) => {
    impl Put for dyn Any {
        fn put(&self, output: &mut Out) {
            $(if let Some(value) = self.downcast_ref::<$t>() {
                output.tag($tag);
                return value.put(output);
            })*
            output.tag(b'?')
        }
    }
    impl Get for Box<dyn Any> {
        fn get(input: &mut In) -> Self {
            match input.tag() {
                $($tag => Box::new(<$t>::get(input)),)*
                b'?' => Box::new(OfAnotherType),
                _ => bad("a value of another type"),
            }
        }
    }
} }
any! {
    b'1' i32, b'2' i64, b'3' f64, b'4' f32, b'5' char, b'6' bool, b'7' String, b'8' &'static str, b'9' u32,
    b'0' Vec<Box<dyn Any>>
}

/// Appends the next value as a reader of Rust would write it; what is no value, or long, as dots.
pub fn show(input: &mut In, text: &mut String, longest: usize) {
    if text.len() > longest || input.is_empty() {
        return text.push_str("...");
    }
    let list = |input: &mut In, text: &mut String, ends: [char; 2], is_map: bool| {
        text.push(ends[0]);
        for index in 0..input.count().min(longest) {
            text.push_str(if index > 0 { ", " } else { "" });
            show(input, text, longest);
            if is_map {
                text.push_str(": ");
                show(input, text, longest);
            }
        }
        text.push(ends[1]);
    };
    match input.tag() {
        b'i' => text.push_str(&i128::from_le_bytes(input.take(16).try_into().unwrap()).to_string()),
        b'f' => text.push_str(&format!("{:?}", f32::from_le_bytes(input.take(4).try_into().unwrap()))),
        b'd' => text.push_str(&format!("{:?}", f64::from_le_bytes(input.take(8).try_into().unwrap()))),
        b'b' => text.push_str(if input.tag() == 1 { "true" } else { "false" }),
        b'c' => text.push_str(&format!("{:?}", char::from_u32(input.number()).unwrap_or('?'))),
        b's' => text.push_str(&format!("{:?}", String::from_utf8_lossy(input.text()))),
        b'l' => list(input, text, ['[', ']'], false),
        b't' => list(input, text, ['(', ')'], false),
        b'm' => list(input, text, ['{', '}'], true),
        b'u' => text.push_str("()"),
        b'n' => text.push_str("None"),
        b'?' => text.push_str("a value of another type"),
        tag @ (b'o' | b'O' | b'E') => {
            text.push_str(match tag {
                b'o' => "Some(",
                b'O' => "Ok(",
                _ => "Err(",
            });
            show(input, text, longest);
            text.push(')')
        }
        _ => show(input, text, longest), // a tag that only names a type
    }
}
