//! Writes protocol 4, which every CPython since 3.4 reads. No frame and no
//! memo is needed for that.

use super::op;
use crate::value::{Class, Object, Value};

/// The pickle of a value.
pub fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend([op::PROTO, 4]);
    put(value, &mut out);
    out.push(op::STOP);
    out
}

fn put(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::None => out.push(op::NONE),
        Value::Bool(true) => out.push(op::NEWTRUE),
        Value::Bool(false) => out.push(op::NEWFALSE),
        Value::Int(number) => put_int(*number, out),
        Value::Long(bytes) => put_long(bytes, out),
        Value::Float(number) => {
            out.push(op::BINFLOAT);
            out.extend(number.to_be_bytes());
        }
        Value::Str(text) => put_str(text, out),
        Value::Bytes(bytes) => put_bytes(bytes, out),
        Value::ByteArray(bytes) => {
            put_class(&Class::new("builtins", "bytearray"), out);
            put_bytes(bytes, out);
            out.extend([op::TUPLE1, op::REDUCE]);
        }
        Value::Tuple(items) => put_tuple(items, out),
        Value::List(items) => {
            out.push(op::EMPTY_LIST);
            put_marked(items, op::APPENDS, out);
        }
        Value::Dict(items) => {
            out.extend([op::EMPTY_DICT, op::MARK]);
            for (key, value) in items {
                put(key, out);
                put(value, out);
            }
            out.push(op::SETITEMS);
        }
        Value::Set(items) => {
            out.push(op::EMPTY_SET);
            put_marked(items, op::ADDITEMS, out);
        }
        Value::FrozenSet(items) => put_marked(items, op::FROZENSET, out),
        Value::Class(class) => put_class(class, out),
        Value::Object(object) => put_object(object, out),
    }
}

fn put_int(number: i64, out: &mut Vec<u8>) {
    if let Ok(number) = u8::try_from(number) {
        out.extend([op::BININT1, number]);
    } else if let Ok(number) = u16::try_from(number) {
        out.push(op::BININT2);
        out.extend(number.to_le_bytes());
    } else if let Ok(number) = i32::try_from(number) {
        out.push(op::BININT);
        out.extend(number.to_le_bytes());
    } else {
        put_long(&number.to_le_bytes(), out);
    }
}

fn put_long(bytes: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(bytes.len()) {
        Ok(length) => out.extend([op::LONG1, length]),
        Err(_) => {
            out.push(op::LONG4);
            out.extend((bytes.len() as u32).to_le_bytes());
        }
    }
    out.extend(bytes);
}

fn put_str(text: &str, out: &mut Vec<u8>) {
    if let Ok(length) = u8::try_from(text.len()) {
        out.extend([op::SHORT_BINUNICODE, length]);
    } else if let Ok(length) = u32::try_from(text.len()) {
        out.push(op::BINUNICODE);
        out.extend(length.to_le_bytes());
    } else {
        out.push(op::BINUNICODE8);
        out.extend((text.len() as u64).to_le_bytes());
    }
    out.extend(text.as_bytes());
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    if let Ok(length) = u8::try_from(bytes.len()) {
        out.extend([op::SHORT_BINBYTES, length]);
    } else if let Ok(length) = u32::try_from(bytes.len()) {
        out.push(op::BINBYTES);
        out.extend(length.to_le_bytes());
    } else {
        out.push(op::BINBYTES8);
        out.extend((bytes.len() as u64).to_le_bytes());
    }
    out.extend(bytes);
}

fn put_tuple(items: &[Value], out: &mut Vec<u8>) {
    let end = match items.len() {
        0 => op::EMPTY_TUPLE,
        1 => op::TUPLE1,
        2 => op::TUPLE2,
        3 => op::TUPLE3,
        _ => return put_marked(items, op::TUPLE, out),
    };
    items.iter().for_each(|item| put(item, out));
    out.push(end);
}

fn put_marked(items: &[Value], end: u8, out: &mut Vec<u8>) {
    out.push(op::MARK);
    items.iter().for_each(|item| put(item, out));
    out.push(end);
}

fn put_class(class: &Class, out: &mut Vec<u8>) {
    put_str(&class.module, out);
    put_str(&class.name, out);
    out.push(op::STACK_GLOBAL);
}

fn put_object(object: &Object, out: &mut Vec<u8>) {
    put_class(&object.class, out);
    put_tuple(&object.args, out);
    out.push(op::REDUCE);
    if let Some(state) = &object.state {
        put(state, out);
        out.push(op::BUILD);
    }
}
