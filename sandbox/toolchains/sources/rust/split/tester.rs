//! The tests' side, trusted: stand-ins ask the candidate, and every assertion is recorded.

use crate::frames::{receive, send, write};
use crate::server::words;
use crate::values::{show, Bad, Cannot, Get, In, Out, Put};
use std::panic::{catch_unwind, panic_any, AssertUnwindSafe};
use std::sync::Mutex;

const MOST_LINES: usize = 1000;
const LONGEST_TEXT: usize = 500;
const STACK_BYTES: usize = 2 << 20;

/// Panicked with where no test can go on.
struct Ended;

struct State {
    gone: String,
    inexpressible: String,
    call: Vec<u8>,
    answer: Vec<u8>,
    fresh: bool, // whether there was a call since the last assertion
    recorded: usize,
    all_held: bool,
    first_failure: String,
}

static STATE: Mutex<State> = Mutex::new(State {
    gone: String::new(),
    inexpressible: String::new(),
    call: vec![],
    answer: vec![],
    fresh: false,
    recorded: 0,
    all_held: true,
    first_failure: String::new(),
});

fn with_state<T>(work: impl FnOnce(&mut State) -> T) -> T {
    work(&mut STATE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

fn give_up(why: &str) -> ! {
    with_state(|state| state.gone = why.to_string());
    panic_any(Ended)
}

fn refuse(why: &str) -> ! {
    with_state(|state| state.inexpressible = why.to_string());
    panic_any(Ended)
}

/// Asks the candidate, and reads its answer as the type that is declared.
pub fn call<R: Get>(name: &str, arguments: &[&dyn Put]) -> R {
    let request = request(name, arguments);
    let ended = with_state(|state| {
        state.call = request.clone();
        state.answer.clear();
        state.fresh = true;
        !state.gone.is_empty() || !state.inexpressible.is_empty()
    });
    if ended {
        panic_any(Ended)
    }
    let answer = if send(&request) { receive() } else { None };
    match answer {
        Some(answer) if answer.first() == Some(&b'=') => read(answer),
        Some(answer) if answer.first() == Some(&b'!') => {
            panic_any(format!("it panicked: {}", String::from_utf8_lossy(&answer[1..])))
        }
        Some(answer) if answer.first() == Some(&b'?') => refuse("the answer cannot cross between two processes"),
        Some(_) => give_up("no answer"),
        None => give_up("the program ended"),
    }
}

fn request(name: &str, arguments: &[&dyn Put]) -> Vec<u8> {
    let written = catch_unwind(AssertUnwindSafe(|| {
        let mut output = Out(vec![]);
        name.put(&mut output);
        arguments.iter().for_each(|argument| argument.put(&mut output));
        output.0
    }));
    written.unwrap_or_else(|why| refuse(why.downcast_ref::<Cannot>().map_or("an argument cannot cross", |cannot| cannot.0)))
}

fn read<R: Get>(answer: Vec<u8>) -> R {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut input = In::new(&answer[1..]);
        let result = R::get(&mut input);
        if !input.is_empty() {
            panic_any(Bad("more than one value"))
        }
        result
    }));
    match read {
        Ok(result) => {
            with_state(|state| state.answer = answer);
            result
        }
        Err(why) => give_up(&format!("no answer: {}", why.downcast_ref::<Bad>().map_or("no value", |bad| bad.0))),
    }
}

/// Records one assertion, which is evaluated here, so that the tests go on where it panics. It gives whether it held,
/// and what was expected where that is a value.
pub fn check(assertion: impl FnOnce() -> (bool, String), text: &str) {
    match catch_unwind(AssertUnwindSafe(assertion)) {
        Ok((held, expected)) => note(held, if expected.is_empty() { text } else { &expected }, ""),
        Err(why) if why.is::<Ended>() => {
            let gone = with_state(|state| state.gone.clone());
            if !gone.is_empty() {
                note(false, text, &gone)
            }
            panic_any(Ended)
        }
        Err(why) => note(false, text, &words(&*why)),
    }
}

fn note(held: bool, expected: &str, thrown: &str) {
    with_state(|state| {
        let mut line = format!("{{\"n\": {}, \"ok\": {held}", state.recorded);
        if !held {
            state.all_held = false;
            if state.fresh {
                add(&mut line, "call", &shown_call(&state.call));
            }
            add(&mut line, "expected", expected);
            let got = if thrown.is_empty() && state.fresh { shown_answer(&state.answer) } else { thrown.to_string() };
            add(&mut line, "got", &got);
        }
        line.push('}');
        if !held && state.first_failure.is_empty() {
            state.first_failure = line.clone();
        }
        if state.recorded < MOST_LINES {
            write(5, format!("{line}\n").as_bytes());
        }
        state.recorded += 1;
        state.fresh = false;
    })
}

fn add(line: &mut String, key: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    line.push_str(&format!(", \"{key}\": \""));
    for (index, each) in value.chars().enumerate() {
        match each {
            _ if index == LONGEST_TEXT => {
                line.push_str("...");
                break;
            }
            '"' | '\\' => line.extend(['\\', each]),
            each if (each as u32) < 32 => line.push_str(&format!("\\u{:04x}", each as u32)),
            each => line.push(each),
        }
    }
    line.push('"')
}

fn shown_call(call: &[u8]) -> String {
    shown(|text| {
        let mut input = In::new(call);
        text.push_str(&String::get(&mut input));
        let mut before = "(";
        while !input.is_empty() {
            text.push_str(before);
            show(&mut input, text, LONGEST_TEXT);
            before = ", ";
        }
        text.push_str(if before == "(" { "()" } else { ")" });
    })
}

fn shown_answer(answer: &[u8]) -> String {
    if answer.is_empty() {
        return String::new();
    }
    shown(|text| show(&mut In::new(&answer[1..]), text, LONGEST_TEXT))
}

fn shown(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::new();
    let _ = catch_unwind(AssertUnwindSafe(|| write(&mut text)));
    text
}

/// Runs the tests, tells the verdict, and ends with 0 where it is that they held.
pub fn run(tests: &'static [fn()]) -> ! {
    std::panic::set_hook(Box::new(|_| {}));
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(|| run_all(tests));
    let held = thread.unwrap().join().unwrap_or(false);
    std::process::exit(!held as i32)
}

fn run_all(tests: &[fn()]) -> bool {
    if receive().as_deref() != Some(b"=") {
        with_state(|state| state.gone = "the program ended before it was loaded".to_string());
    }
    for test in tests {
        let before = with_state(|state| if state.gone.is_empty() { state.recorded } else { usize::MAX });
        if before == usize::MAX {
            break;
        }
        let ended = catch_unwind(test).err();
        let (recorded, gone) = with_state(|state| (state.recorded, state.gone.clone()));
        match ended {
            None if recorded == before => note(true, "", ""),
            None => {}
            Some(why) if why.is::<Ended>() => note(false, "", &gone),
            Some(why) => note(false, "", &format!("the test panicked: {}", words(&*why))),
        }
    }
    tell_verdict()
}

fn tell_verdict() -> bool {
    let (gone, inexpressible, any) =
        with_state(|state| (state.gone.clone(), state.inexpressible.clone(), state.recorded > 0));
    if !inexpressible.is_empty() {
        write(5, format!("inexpressible {inexpressible}\n").as_bytes());
        return false;
    }
    if gone.is_empty() && any && with_state(|state| state.all_held) {
        write(5, b"held\n");
        return true;
    }
    if with_state(|state| state.first_failure.is_empty()) {
        note(false, "", if gone.is_empty() { "no test ran" } else { &gone })
    }
    write(5, with_state(|state| format!("refuted {}\n", state.first_failure)).as_bytes());
    false
}

/// `assert!`, recorded.
#[macro_export]
macro_rules! recorded_assert {
    ($condition:expr $(, $($words:tt)*)?) => {
        $crate::check(|| ($condition, String::new()), stringify!($condition))
    };
}
/// `assert_eq!`, recorded.
#[macro_export]
macro_rules! recorded_assert_eq {
    ($left:expr, $right:expr $(, $($words:tt)*)?) => {
        $crate::check(
            || match (&$left, &$right) {
                (left, right) => {
                    let held = *left == *right;
                    (held, if held { String::new() } else { format!("{:?}", right) })
                }
            },
            stringify!($left == $right),
        )
    };
}
/// `assert_ne!`, recorded.
#[macro_export]
macro_rules! recorded_assert_ne {
    ($left:expr, $right:expr $(, $($words:tt)*)?) => {
        $crate::check(|| match (&$left, &$right) { (left, right) => (*left != *right, String::new()) }, stringify!($left != $right))
    };
}
