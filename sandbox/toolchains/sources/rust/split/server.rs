use crate::frames::{receive, send};
use crate::values::{Cannot, Get, In, Out};
use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Of a thread that tests run on: a program that needs more passes beside no tests either.
const STACK_BYTES: usize = 2 << 20;

/// The candidate's side: answers calls until it is told to end, with 0. Nothing here is trusted.
pub fn serve(answer: fn(&mut In, &mut Out)) -> i32 {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        std::panic::set_hook(Box::new(|_| {}));
        send(b"=");
        while let Some(call) = receive() {
            if call.is_empty() || !send(&answered(answer, &call)) {
                break;
            }
        }
    });
    thread.unwrap().join().is_err() as i32
}

fn answered(answer: fn(&mut In, &mut Out), call: &[u8]) -> Vec<u8> {
    let said = catch_unwind(AssertUnwindSafe(|| {
        let mut input = In::new(call);
        let mut output = Out(vec![b'=']);
        String::get(&mut input);
        answer(&mut input, &mut output);
        output.0
    }));
    said.unwrap_or_else(|why| match why.downcast_ref::<Cannot>() {
        Some(cannot) => format!("?{}", cannot.0).into_bytes(),
        None => format!("!{}", words(&*why)).into_bytes(),
    })
}

/// What a panic said.
pub fn words(why: &(dyn Any + Send)) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").chars().take(200).collect()
}
