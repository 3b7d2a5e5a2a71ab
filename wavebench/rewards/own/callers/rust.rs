
mod wavebench_call {
    use std::collections::{BTreeMap, HashMap};
    use std::io::{BufRead, Write};

    pub enum Value {
        Null,
        Bool(bool),
        Number(String),
        Text(String),
        List(Vec<Value>),
        Object(Vec<(String, Value)>),
    }

    pub struct Parser<'a> {
        pub text: &'a [u8],
        pub at: usize,
    }

    impl Parser<'_> {
        fn next(&mut self) -> u8 {
            while self.at < self.text.len() && self.text[self.at].is_ascii_whitespace() {
                self.at += 1;
            }
            *self.text.get(self.at).unwrap_or(&0)
        }

        fn unit(&mut self) -> u32 {
            let digits = std::str::from_utf8(&self.text[self.at + 1..self.at + 5]).unwrap();
            self.at += 4;
            u32::from_str_radix(digits, 16).unwrap()
        }

        fn word(&mut self) -> String {
            let mut found = Vec::new();
            self.at += 1;
            while self.text[self.at] != b'"' {
                let mut sign = self.text[self.at];
                if sign == b'\\' {
                    self.at += 1;
                    sign = self.text[self.at];
                    if sign == b'u' {
                        let mut code = self.unit();
                        if (0xd800..0xdc00).contains(&code) {
                            self.at += 2;
                            code = 0x10000 + ((code - 0xd800) << 10) + self.unit() - 0xdc00;
                        }
                        found.extend(char::from_u32(code).unwrap().to_string().bytes());
                        self.at += 1;
                        continue;
                    }
                    sign = match sign {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'b' => 8,
                        b'f' => 12,
                        other => other,
                    };
                }
                found.push(sign);
                self.at += 1;
            }
            self.at += 1;
            String::from_utf8(found).unwrap()
        }

        pub fn value(&mut self) -> Value {
            match self.next() {
                b'"' => Value::Text(self.word()),
                b'[' => {
                    let mut items = Vec::new();
                    self.at += 1;
                    while self.next() != b']' {
                        if self.text[self.at] == b',' {
                            self.at += 1;
                        }
                        items.push(self.value());
                    }
                    self.at += 1;
                    Value::List(items)
                }
                b'{' => {
                    let mut items = Vec::new();
                    self.at += 1;
                    while self.next() != b'}' {
                        if self.text[self.at] == b',' {
                            self.at += 1;
                            self.next();
                        }
                        let key = self.word();
                        self.next();
                        self.at += 1;
                        items.push((key, self.value()));
                    }
                    self.at += 1;
                    Value::Object(items)
                }
                _ => {
                    let begin = self.at;
                    while self.at < self.text.len() && !b",]} \n".contains(&self.text[self.at]) {
                        self.at += 1;
                    }
                    match std::str::from_utf8(&self.text[begin..self.at]).unwrap() {
                        "null" => Value::Null,
                        "true" => Value::Bool(true),
                        "false" => Value::Bool(false),
                        digits => Value::Number(digits.to_string()),
                    }
                }
            }
        }
    }

    pub trait Given: Sized {
        fn given(value: &Value) -> Self;
    }

    pub trait Shown {
        fn shown(&self) -> String;
    }

    macro_rules! numbers {
        ($($kind:ty),*) => {$(
            impl Given for $kind {
                fn given(value: &Value) -> Self {
                    match value {
                        Value::Number(digits) => digits.parse().unwrap(),
                        _ => panic!("a number was expected"),
                    }
                }
            }
            impl Shown for $kind {
                fn shown(&self) -> String { self.to_string() }
            }
        )*};
    }
    numbers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);

    impl Given for bool {
        fn given(value: &Value) -> Self { matches!(value, Value::Bool(true)) }
    }
    impl Given for String {
        fn given(value: &Value) -> Self {
            match value {
                Value::Text(text) => text.clone(),
                _ => panic!("a text was expected"),
            }
        }
    }
    impl Given for char {
        fn given(value: &Value) -> Self { String::given(value).chars().next().unwrap() }
    }
    impl Given for &'static str {
        fn given(value: &Value) -> Self { Box::leak(String::given(value).into_boxed_str()) }
    }
    impl Given for &'static String {
        fn given(value: &Value) -> Self { Box::leak(Box::new(String::given(value))) }
    }
    impl<T: Given> Given for Vec<T> {
        fn given(value: &Value) -> Self {
            match value {
                Value::List(items) => items.iter().map(T::given).collect(),
                _ => panic!("a list was expected"),
            }
        }
    }
    impl<T: Given> Given for &'static [T] {
        fn given(value: &Value) -> Self { Box::leak(Vec::<T>::given(value).into_boxed_slice()) }
    }
    impl<T: Given> Given for &'static Vec<T> {
        fn given(value: &Value) -> Self { Box::leak(Box::new(Vec::<T>::given(value))) }
    }
    impl<T: Given> Given for Option<T> {
        fn given(value: &Value) -> Self {
            match value {
                Value::Null => None,
                other => Some(T::given(other)),
            }
        }
    }
    impl<T: Given> Given for HashMap<String, T> {
        fn given(value: &Value) -> Self {
            match value {
                Value::Object(items) => items.iter().map(|(key, each)| (key.clone(), T::given(each))).collect(),
                _ => panic!("an object was expected"),
            }
        }
    }
    impl<T: Given> Given for BTreeMap<String, T> {
        fn given(value: &Value) -> Self { HashMap::<String, T>::given(value).into_iter().collect() }
    }
    impl<A: Given, B: Given> Given for (A, B) {
        fn given(value: &Value) -> Self {
            match value {
                Value::List(items) => (A::given(&items[0]), B::given(&items[1])),
                _ => panic!("a list was expected"),
            }
        }
    }

    impl Shown for () {
        fn shown(&self) -> String { "null".to_string() }
    }
    impl Shown for bool {
        fn shown(&self) -> String { self.to_string() }
    }
    impl Shown for str {
        fn shown(&self) -> String {
            let mut found = "\"".to_string();
            for sign in self.chars() {
                match sign {
                    '"' | '\\' => found.extend(['\\', sign]),
                    other if (other as u32) < 32 => found += &format!("\\u{:04x}", other as u32),
                    other => found.push(other),
                }
            }
            found + "\""
        }
    }
    impl Shown for String {
        fn shown(&self) -> String { self.as_str().shown() }
    }
    impl Shown for char {
        fn shown(&self) -> String { self.to_string().shown() }
    }
    impl<T: Shown + ?Sized> Shown for &T {
        fn shown(&self) -> String { (**self).shown() }
    }
    impl<T: Shown> Shown for [T] {
        fn shown(&self) -> String { format!("[{}]", self.iter().map(T::shown).collect::<Vec<_>>().join(",")) }
    }
    impl<T: Shown> Shown for Vec<T> {
        fn shown(&self) -> String { self.as_slice().shown() }
    }
    impl<T: Shown> Shown for Option<T> {
        fn shown(&self) -> String { self.as_ref().map_or("null".to_string(), T::shown) }
    }
    impl<K: Shown, T: Shown> Shown for HashMap<K, T> {
        fn shown(&self) -> String {
            let items = self.iter().map(|(key, each)| format!("{}:{}", key.shown(), each.shown()));
            format!("{{{}}}", items.collect::<Vec<_>>().join(","))
        }
    }
    impl<K: Shown, T: Shown> Shown for BTreeMap<K, T> {
        fn shown(&self) -> String {
            let items = self.iter().map(|(key, each)| format!("{}:{}", key.shown(), each.shown()));
            format!("{{{}}}", items.collect::<Vec<_>>().join(","))
        }
    }
    impl<A: Shown, B: Shown> Shown for (A, B) {
        fn shown(&self) -> String { format!("[{},{}]", self.0.shown(), self.1.shown()) }
    }
    impl<A: Shown, B: Shown, C: Shown> Shown for (A, B, C) {
        fn shown(&self) -> String { format!("[{},{},{}]", self.0.shown(), self.1.shown(), self.2.shown()) }
    }

    pub trait Called<Arguments> {
        fn call(&self, given: &[Value]) -> String;
    }
    macro_rules! called {
        ($($name:ident $place:tt),*) => {
            impl<F: Fn($($name),*) -> R, R: Shown, $($name: Given),*> Called<($($name,)*)> for F {
                fn call(&self, given: &[Value]) -> String {
                    let _ = given;
                    (self)($($name::given(&given[$place])),*).shown()
                }
            }
        };
    }
    called!();
    called!(A 0);
    called!(A 0, B 1);
    called!(A 0, B 1, C 2);
    called!(A 0, B 1, C 2, D 3);
    called!(A 0, B 1, C 2, D 3, E 4);
    called!(A 0, B 1, C 2, D 3, E 4, G 5);

    pub fn answer<Arguments, F: Called<Arguments>>(called: F) {
        for line in std::io::stdin().lock().lines() {
            let line = line.unwrap();
            if let Value::List(given) = (Parser { text: line.as_bytes(), at: 0 }).value() {
                let returned = called.call(&given);
                writeln!(std::io::stdout(), "\x1e{}", returned).unwrap();
            }
        }
    }
}

fn main() {
    wavebench_call::answer(ENTRY);
}
