//! Any bytes as a pickle: read or refused, within the budgets; and what was
//! read is written and read again as the same.
#![no_main]

use pymanagers::pickle::{
    Error, MAX_BYTES, MAX_DEPTH, MAX_NODES, read, read_any, write,
};
use pymanagers::wire::{MAX_FRAME, read_frame};
use pymanagers::{Class, Object, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(body)) = read_frame(&mut { bytes }, MAX_FRAME) {
        assert!(body.len() <= bytes.len());
    }
    let _ = read(bytes);
    let Ok(value) = read_any(bytes) else {
        return;
    };
    let mut size = Size::default();
    size.add(&value, 1);
    assert!(size.nodes <= MAX_NODES && size.bytes <= MAX_BYTES);
    assert!(size.depth <= MAX_DEPTH);
    let _ = value.to_string();
    let written = write(&value);
    match read_any(&written) {
        // By its bytes: one NaN is not like another.
        Ok(again) => assert_eq!(write(&again), written),
        // Some values are written in more parts than they were read from.
        Err(error) => assert!(matches!(error, Error::TooLarge(_)), "{error}"),
    }
});

#[derive(Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl Size {
    fn add(&mut self, value: &Value, depth: usize) {
        self.nodes += 1;
        self.depth = self.depth.max(depth);
        match value {
            Value::Str(text) => self.bytes += text.len(),
            Value::Bytes(bytes)
            | Value::ByteArray(bytes)
            | Value::Long(bytes) => self.bytes += bytes.len(),
            Value::Tuple(items)
            | Value::List(items)
            | Value::Set(items)
            | Value::FrozenSet(items) => self.all(items, depth + 1),
            Value::Dict(items) => {
                for (key, value) in items {
                    self.add(key, depth + 1);
                    self.add(value, depth + 1);
                }
            }
            Value::Class(class) => self.class(class),
            Value::Object(object) => {
                let Object { class, args, state } = &**object;
                self.class(class);
                self.all(args, depth + 1);
                self.all(state.as_slice(), depth + 1);
            }
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
    }

    fn all(&mut self, values: &[Value], depth: usize) {
        values.iter().for_each(|value| self.add(value, depth));
    }

    fn class(&mut self, class: &Class) {
        self.bytes += class.module.len() + class.name.len();
    }
}
