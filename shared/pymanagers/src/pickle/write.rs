//! Writes protocol 4, which every CPython since 3.4 reads. No frame and no
//! memo is needed for that.

use super::{Budget, Error, Limits, op};
use crate::value::{Class, Construct, Object, Value};

/// The pickle of a value.
///
/// # Errors
///
/// When the value exceeds the limits, so that the other side would not read
/// its pickle.
pub fn write(value: &Value, limits: &Limits) -> Result<Vec<u8>, Error> {
    let out = Vec::with_capacity(128);
    let mut writer = Writer { out, budget: Budget::new(limits) };
    writer.out.extend([op::PROTO, 4]);
    writer.put(value, 0)?;
    writer.out.push(op::STOP);
    match writer.out.len() <= limits.bytes {
        true => Ok(writer.out),
        false => Err(Error::TooManyBytes(limits.bytes)),
    }
}

struct Writer {
    out: Vec<u8>,
    budget: Budget,
}

impl Writer {
    fn put(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        match value {
            Value::Class(class) => {
                self.budget.deeper(depth)?;
                return self.put_class(class);
            }
            Value::ByteArray(bytes) => {
                let class = Class::new("builtins", "bytearray");
                let bytes = Value::Bytes(bytes.clone());
                return self
                    .put_object(&Object::call(class, vec![bytes]), depth);
            }
            Value::Object(object) => return self.put_object(object, depth),
            _ => {}
        }
        let depth = self.budget.deeper(depth)?;
        self.budget.spend(match value {
            Value::Str(text) => text.len(),
            Value::Bytes(bytes)
            | Value::SurrogateStr(bytes)
            | Value::Long(bytes) => bytes.len(),
            _ => 0,
        })?;
        match value {
            Value::None => self.out.push(op::NONE),
            Value::Bool(true) => self.out.push(op::NEWTRUE),
            Value::Bool(false) => self.out.push(op::NEWFALSE),
            Value::Int(number) => self.put_int(*number),
            Value::Long(bytes) => self.put_long(bytes),
            Value::Float(number) => {
                self.out.push(op::BINFLOAT);
                self.out.extend(number.to_be_bytes());
            }
            Value::Str(text) => self.put_bytes(STR, text.as_bytes()),
            Value::SurrogateStr(bytes) => self.put_bytes(STR, bytes),
            Value::Bytes(bytes) => self.put_bytes(BYTES, bytes),
            Value::Tuple(items) => self.put_tuple(items, depth)?,
            Value::List(items) => {
                self.out.push(op::EMPTY_LIST);
                self.put_marked(items, op::APPENDS, depth)?;
            }
            Value::Dict(pairs) => {
                self.out.push(op::EMPTY_DICT);
                self.put_pairs(pairs, depth)?;
            }
            Value::Set(items) => {
                self.out.push(op::EMPTY_SET);
                self.put_marked(items, op::ADDITEMS, depth)?;
            }
            Value::FrozenSet(items) => {
                self.put_marked(items, op::FROZENSET, depth)?;
            }
            Value::Class(_) | Value::ByteArray(_) | Value::Object(_) => {
                unreachable!("they were put above")
            }
        }
        Ok(())
    }

    fn put_int(&mut self, number: i64) {
        if let Ok(number) = u8::try_from(number) {
            self.out.extend([op::BININT1, number]);
        } else if let Ok(number) = u16::try_from(number) {
            self.out.push(op::BININT2);
            self.out.extend(number.to_le_bytes());
        } else if let Ok(number) = i32::try_from(number) {
            self.out.push(op::BININT);
            self.out.extend(number.to_le_bytes());
        } else {
            self.put_long(&number.to_le_bytes());
        }
    }

    fn put_long(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(length) => self.out.extend([op::LONG1, length]),
            Err(_) => {
                self.out.push(op::LONG4);
                self.out.extend((bytes.len() as u32).to_le_bytes());
            }
        }
        self.out.extend(bytes);
    }

    /// The opcode depends on how wide the length is.
    fn put_bytes(&mut self, [short, long, longer]: [u8; 3], bytes: &[u8]) {
        if let Ok(length) = u8::try_from(bytes.len()) {
            self.out.extend([short, length]);
        } else if let Ok(length) = u32::try_from(bytes.len()) {
            self.out.push(long);
            self.out.extend(length.to_le_bytes());
        } else {
            self.out.push(longer);
            self.out.extend((bytes.len() as u64).to_le_bytes());
        }
        self.out.extend(bytes);
    }

    fn put_tuple(
        &mut self,
        items: &[Value],
        depth: usize,
    ) -> Result<(), Error> {
        let end = match items.len() {
            0 => op::EMPTY_TUPLE,
            1 => op::TUPLE1,
            2 => op::TUPLE2,
            3 => op::TUPLE3,
            _ => return self.put_marked(items, op::TUPLE, depth),
        };
        for item in items {
            self.put(item, depth)?;
        }
        self.out.push(end);
        Ok(())
    }

    fn put_marked(
        &mut self,
        items: &[Value],
        end: u8,
        depth: usize,
    ) -> Result<(), Error> {
        self.out.push(op::MARK);
        for item in items {
            self.put(item, depth)?;
        }
        self.out.push(end);
        Ok(())
    }

    fn put_pairs(
        &mut self,
        pairs: &[(Value, Value)],
        depth: usize,
    ) -> Result<(), Error> {
        self.out.push(op::MARK);
        for (key, value) in pairs {
            self.put(key, depth)?;
            self.put(value, depth)?;
        }
        self.out.push(op::SETITEMS);
        Ok(())
    }

    /// Two texts, and the class that they name: three values to a reader.
    fn put_class(&mut self, class: &Class) -> Result<(), Error> {
        for text in [&class.module, &class.name] {
            self.budget.spend(2 * text.len())?;
            self.put_bytes(STR, text.as_bytes());
        }
        self.budget.spend(0)?;
        self.out.push(op::STACK_GLOBAL);
        Ok(())
    }

    fn put_object(
        &mut self,
        object: &Object,
        depth: usize,
    ) -> Result<(), Error> {
        let Object { class, args, kwargs, items, pairs, state, .. } = object;
        let depth = self.budget.deeper(depth)?;
        self.budget.spend(0)?;
        self.put_class(class)?;
        self.budget.spend(0)?; // The tuple of its arguments.
        let inside = self.budget.deeper(depth)?;
        self.put_tuple(args, inside)?;
        match (object.construct, kwargs.is_empty()) {
            (Construct::Call, _) => self.out.push(op::REDUCE),
            (Construct::New, true) => self.out.push(op::NEWOBJ),
            (Construct::New, false) => {
                self.budget.spend(0)?;
                self.out.push(op::EMPTY_DICT);
                self.put_pairs(kwargs, inside)?;
                self.out.push(op::NEWOBJ_EX);
            }
        }
        if !items.is_empty() {
            self.put_marked(items, op::APPENDS, depth)?;
        }
        if !pairs.is_empty() {
            self.put_pairs(pairs, depth)?;
        }
        if let Some(state) = state {
            self.put(state, depth)?;
            self.out.push(op::BUILD);
        }
        Ok(())
    }
}

const STR: [u8; 3] = [op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8];
const BYTES: [u8; 3] = [op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8];
