//! Any bytes as a pickle: read or refused, within the budgets; and what was
//! read is written and read again as the same.
#![no_main]

use pymanagers::frame::read_frame;
use pymanagers::pickle::{Limits, read, write};
use pymanagers::{Class, Object, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(body)) = read_frame(&mut { bytes }, LIMITS.bytes) {
        assert!(body.len() <= bytes.len());
    }
    let Ok(value) = read(bytes, &LIMITS) else {
        return;
    };
    let mut size = Size::default();
    size.add(&value, 1);
    assert!(size.nodes <= LIMITS.items && size.bytes <= LIMITS.bytes);
    assert!(size.depth <= LIMITS.depth);
    let _ = value.to_string();
    match write(&value, &LIMITS) {
        Ok(written) => {
            let again = read(&written, &LIMITS).expect("it was written");
            // By its bytes: one NaN is not like another.
            assert_eq!(write(&again, &LIMITS), Ok(written));
        }
        // Some values are written in more parts than they were read from.
        Err(error) => assert!(error.is_limit(), "{error}"),
    }
});

const LIMITS: Limits = Limits { bytes: 16 << 20, items: 1 << 16, depth: 100 };

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
            | Value::SurrogateStr(bytes)
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
                let Object { class, args, items, state, .. } = &**object;
                self.class(class);
                for values in [args, items] {
                    self.all(values, depth + 1);
                }
                self.all(state.as_slice(), depth + 1);
                for (key, value) in object.kwargs.iter().chain(&object.pairs) {
                    self.add(key, depth + 1);
                    self.add(value, depth + 1);
                }
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
