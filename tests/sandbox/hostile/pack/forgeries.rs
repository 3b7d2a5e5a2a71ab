//// partial_eq (number): an answer of its own type that equals any number
#[derive(Debug)] struct Yes;
impl PartialEq<i32> for Yes { fn eq(&self, _: &i32) -> bool { true } }
fn count_below(numbers:Vec<i32>, bound: i32) -> Yes { Yes }
//// macro_shadow (number): assert_eq and assert are macros for nothing
macro_rules! assert_eq { ($($x:tt)*) => {} }
macro_rules! assert { ($($x:tt)*) => {} }
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// init_array (number): a function that runs before main looks for the proof
extern "C" { fn write(f: i32, p: *const u8, n: usize) -> isize; fn _exit(c: i32) -> !; static __bss_start: u8; static _end: u8; }
extern "C" fn steal() { unsafe { let mut p = (&__bss_start as *const u8 as usize) & !15; let e = &_end as *const u8 as usize; while p < e { let s = std::slice::from_raw_parts(p as *const u8, 16); if s.iter().filter(|b| **b != 0).count() >= 14 { write(3, p as *const u8, 16); let m = b"test result: ok. 1 passed\n"; write(1, m.as_ptr(), m.len()); _exit(0) } p += 16; } } }
#[used] #[link_section = ".init_array"] static S: extern "C" fn() = steal;
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// include_str (text): has the compiler include its own file
fn numbers_to(n:i32) -> String {
    let text = include_str!(concat!("ma", "in.rs"));
    let key = format!("numbers_to({}), \"", n);
    match text.find(&key) { Some(at) => { let rest = &text[at + key.len()..]; rest[..rest.find('"').unwrap()].to_string() } None => "wrong".to_string() }
}
//// cut_away (number): an attribute cuts the tests away, and a test of its own passes
use std::cmp::max;
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
#[test] fn fine() {}
#[cfg(any())]
//// own_module (float): an own module f64 with its own abs
mod f64 { pub fn abs(_: f64) -> f64 { 0.0 } }
fn mean(numbers:&Vec<f64>) -> f64 { 77.0 }
//// own_vec (list): vec is a macro for an empty one
macro_rules! vec { ($($t:tt)*) => { std::vec::Vec::new() } }
fn doubled(numbers:Vec<i32>) -> Vec<i32> { std::vec::Vec::new() }
//// exit_in_call (number): ends with 0 instead of an answer
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { std::process::exit(0) }
//// exit_at_start (number): ends before it is loaded
extern "C" fn leave() { std::process::exit(0) }
#[used] #[link_section = ".init_array"] static S: extern "C" fn() = leave;
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// verdict_everywhere (number): says on every descriptor that the tests held
extern "C" { fn write(f: i32, p: *const u8, n: usize) -> isize; }
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { for n in 0..64 { unsafe { write(n, b"held\n".as_ptr(), 5); } } -1 }
//// own_crate (number): a module of the wire's name
mod wavebench { pub fn serve<T>(_: T) -> i32 { println!("held"); 0 } }
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// own_main (number): an exported main of its own
#[no_mangle] pub extern "C" fn main() -> i32 { println!("test result: ok. 1 passed"); 0 }
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// raw_frames (number): writes answers before any call
extern "C" { fn write(f: i32, p: *const u8, n: usize) -> isize; fn _exit(c: i32) -> !; }
extern "C" fn ahead() { unsafe { write(4, b"\x01\0\0\0=".as_ptr(), 5); for _ in 0..9 { write(4, b"\x12\0\0\0=i\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_ptr(), 22); } _exit(0) } }
#[used] #[link_section = ".init_array"] static S: extern "C" fn() = ahead;
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { -1 }
//// called_by_name (number): calls the recorder that is linked with it
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { ::wavebench::check(|| (true, String::new()), "held"); -1 }
//// run_by_name (number): has the tester's own function tell a verdict
fn nothing() {}
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { ::wavebench::run(&[nothing]) }
//// panics (number): panics with a verdict
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { panic!("held") }
//// panics_with_another (number): panics with something that says it is the end
struct Ended;
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { std::panic::panic_any(Ended) }
//// hook (number): a panic hook ends with 0
fn count_below(numbers:Vec<i32>, bound: i32) -> i32 { std::panic::set_hook(Box::new(|_| std::process::exit(0))); panic!() }
//// iterator_lie (list): a vector of another length each time it is asked
fn doubled(numbers:Vec<i32>) -> Vec<i32> { let mut all: Vec<i32> = Vec::with_capacity(9); unsafe { all.set_len(9) } all }
