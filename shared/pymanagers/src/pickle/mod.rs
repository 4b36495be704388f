//! Pickles: read without executing anything, and written.
//!
//! Only what goes over this wire is understood: the opcodes of protocols 3 to
//! 5 for plain data, and for instances, which are described and never made.

mod read;
mod write;

use std::fmt;

pub use read::{read, read_any};
pub use write::write;

/// The most values that a pickle may hold, what it repeats counted again.
pub const MAX_NODES: usize = 1 << 16;

/// How deep values may lie in each other.
pub const MAX_DEPTH: usize = 100;

/// The most bytes that all texts of a pickle may hold together, what it
/// repeats counted again.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a pickle was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It ends too early, or says something that makes no sense.
    Broken(&'static str),
    /// It is larger or deeper than we allow.
    TooLarge(&'static str),
    /// An opcode that plain data does not need, or that is not one.
    Opcode(u8),
    /// An instance of a class that we do not know: its name.
    Object(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(what) => write!(f, "a broken pickle: {what}"),
            Self::TooLarge(what) => write!(f, "a pickle with {what}"),
            Self::Opcode(op) => write!(f, "a pickle with opcode {op:#04x}"),
            Self::Object(class) => write!(f, "a Python object ({class})"),
        }
    }
}

impl std::error::Error for Error {}

/// The opcodes that are written or read, by CPython's names.
pub(crate) mod op {
    pub const MARK: u8 = b'(';
    pub const STOP: u8 = b'.';
    pub const NONE: u8 = b'N';
    pub const NEWTRUE: u8 = 0x88;
    pub const NEWFALSE: u8 = 0x89;
    pub const BININT: u8 = b'J';
    pub const BININT1: u8 = b'K';
    pub const BININT2: u8 = b'M';
    pub const LONG1: u8 = 0x8a;
    pub const LONG4: u8 = 0x8b;
    pub const BINFLOAT: u8 = b'G';
    pub const SHORT_BINUNICODE: u8 = 0x8c;
    pub const BINUNICODE: u8 = b'X';
    pub const BINUNICODE8: u8 = 0x8d;
    pub const SHORT_BINBYTES: u8 = b'C';
    pub const BINBYTES: u8 = b'B';
    pub const BINBYTES8: u8 = 0x8e;
    pub const BYTEARRAY8: u8 = 0x96;
    pub const EMPTY_TUPLE: u8 = b')';
    pub const TUPLE1: u8 = 0x85;
    pub const TUPLE2: u8 = 0x86;
    pub const TUPLE3: u8 = 0x87;
    pub const TUPLE: u8 = b't';
    pub const EMPTY_LIST: u8 = b']';
    pub const APPEND: u8 = b'a';
    pub const APPENDS: u8 = b'e';
    pub const EMPTY_DICT: u8 = b'}';
    pub const SETITEM: u8 = b's';
    pub const SETITEMS: u8 = b'u';
    pub const EMPTY_SET: u8 = 0x8f;
    pub const ADDITEMS: u8 = 0x90;
    pub const FROZENSET: u8 = 0x91;
    pub const GLOBAL: u8 = b'c';
    pub const STACK_GLOBAL: u8 = 0x93;
    pub const REDUCE: u8 = b'R';
    pub const NEWOBJ: u8 = 0x81;
    pub const BUILD: u8 = b'b';
    pub const PROTO: u8 = 0x80;
    pub const FRAME: u8 = 0x95;
    pub const MEMOIZE: u8 = 0x94;
    pub const BINPUT: u8 = b'q';
    pub const LONG_BINPUT: u8 = b'r';
    pub const BINGET: u8 = b'h';
    pub const LONG_BINGET: u8 = b'j';
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Class, Object, Value};

    fn there_and_back(value: Value) {
        assert_eq!(read_any(&write(&value)), Ok(value));
    }

    #[test]
    fn values_come_back_as_they_were() {
        let numbers = [0, 1, 255, 256, 65535, 65536, -1, -129, i64::MAX];
        for n in numbers.into_iter().chain([i64::MIN, 1 << 31, -(1 << 31)]) {
            there_and_back(n.into());
        }
        there_and_back(Value::Long(vec![1; 9]));
        for n in [0.0, -1.5, f64::INFINITY, 1e300] {
            there_and_back(Value::Float(n));
        }
        for n in [0, 1, 255, 256, 70_000] {
            there_and_back("x".repeat(n).into());
            there_and_back(Value::Bytes(vec![7; n]));
            there_and_back(Value::ByteArray(vec![7; n]));
        }
        let plain = [Value::None, true.into(), false.into(), "两点水".into()];
        for n in 0..=4 {
            let items = plain[..n].to_vec();
            there_and_back(Value::Tuple(items.clone()));
            there_and_back(Value::List(items.clone()));
            there_and_back(Value::Set(items.clone()));
            there_and_back(Value::FrozenSet(items.clone()));
            let pair = |v: Value| (v.clone(), v);
            there_and_back(Value::Dict(items.into_iter().map(pair).collect()));
        }
        there_and_back(Value::Class(Class::new("builtins", "int")));
        there_and_back(Object::builtin("KeyError", "x").into());
        let class = Class::new("m", "C");
        let (args, state) = (vec![1.into()], Some("state".into()));
        there_and_back(Object { class, args, state }.into());
    }

    #[test]
    fn the_bytes_of_cpython_are_read() {
        let get = b"\x80\x04\x95\x25\0\0\0\0\0\0\0(\x8c\x0c7fdc6603da90\x94\
            \x8c\x03get\x94)}\x94\x8c\x07timeout\x94K\x01st\x94.";
        let kwds = Value::Dict(vec![("timeout".into(), 1.into())]);
        let method = ["7fdc6603da90".into(), "get".into()];
        let args = [Value::Tuple(vec![]), kwds];
        let get_asks = Value::Tuple([method, args].concat());
        assert_eq!(read(get), Ok(get_asks));
        let empty = b"\x80\x04\x95\x1f\0\0\0\0\0\0\0\x8c\x06#ERROR\x94\x8c\x06\
            _queue\x94\x8c\x05Empty\x94\x93\x94)R\x94\x86\x94.";
        let raised = Object::exception("_queue", "Empty", vec![]);
        let reply = Value::Tuple(vec!["#ERROR".into(), raised.into()]);
        assert_eq!(read(empty), Ok(reply));
        let old = b"\x80\x03X\x07\0\0\0#RETURNq\0K\x05\x86q\x01.";
        let reply = Value::Tuple(vec!["#RETURN".into(), 5.into()]);
        assert_eq!(read(old), Ok(reply));
    }

    #[test]
    fn what_is_shared_is_repeated_and_what_grows_later_has_grown() {
        // l = []; (l, l), and then l.append(1).
        let shared = b"\x80\x04]\x94h\0\x86\x94h\0K\x01a0.";
        assert_eq!(read(shared), Err(Error::Opcode(b'0')));
        let shared = b"\x80\x04]\x94h\0K\x01a\x86.";
        let one = Value::List(vec![1.into()]);
        assert_eq!(read(shared), Ok(Value::Tuple(vec![one.clone(), one])));
    }

    #[test]
    fn nothing_is_made_that_is_not_known() {
        let system = b"\x80\x04cposix\nsystem\n\x8c\x04true\x85R.";
        assert_eq!(read(system), Err(Error::Object("posix.system".into())));
        let described = read_any(system).expect("only described");
        let args = vec!["true".into()];
        let object = Object::exception("posix", "system", args);
        assert_eq!(described, object.into());
        for op in *b"PQio0123IVSLgpl\x82\x83\x84\x92\x97\x98\xff" {
            let pickle = [0x80, 4, b'N', op, b'0', b'\n', b'N', b'.'];
            assert_eq!(read_any(&pickle), Err(Error::Opcode(op)));
        }
    }

    #[test]
    fn a_pickle_cut_short_is_broken_wherever_it_is_cut() {
        let pair = (Value::Float(1.0), Value::Bytes(vec![1]));
        let items = vec![1.into(), "two".into(), Value::Dict(vec![pair])];
        let whole = write(&Value::Tuple(items));
        for cut in 0..whole.len() {
            let read = read(&whole[..cut]);
            assert!(matches!(read, Err(Error::Broken(_))), "{cut}: {read:?}");
        }
    }

    #[test]
    fn budgets_hold() {
        // Each list holds the one before twice: 2^100 in the end.
        let mut bomb = b"\x80\x04(]\x94".to_vec();
        for i in 0..40 {
            bomb.extend([b']', 0x94, b'(', b'h', i, b'h', i, b'e']);
        }
        bomb.extend(b"t.");
        assert!(matches!(read(&bomb), Err(Error::TooLarge(_))));
        let deep = [&[0x80, 4][..], &[b'('; 5000], &[b't'; 5000], b"."];
        assert!(matches!(read(&deep.concat()), Err(Error::TooLarge(_))));
        let wide = [&[0x80, 4, b'('][..], &[b'N'; 70_000], b"t."];
        assert!(matches!(read(&wide.concat()), Err(Error::TooLarge(_))));
        let endless = b"\x80\x04]\x94h\0a."; // A list that holds itself.
        assert!(matches!(read(endless), Err(Error::TooLarge(_))));
        let mut long = vec![0x80, 4, b'(', b'X', 0, 0, 16, 0];
        long.extend(vec![b'x'; 1 << 20]);
        long.push(0x94);
        long.extend(b"h\0".repeat(17));
        long.extend(b"t.");
        assert!(matches!(read(&long), Err(Error::TooLarge(_))));
        // What is read is too large already; none of these even ends.
        let classes = [&long[..9 + (1 << 20)], &b"h\0h\0\x93".repeat(9)];
        assert!(matches!(read(&classes.concat()), Err(Error::TooLarge(_))));
        let often = [b"\x80\x04]\x94", &b"h\0a".repeat(70_000)[..]];
        assert!(matches!(read(&often.concat()), Err(Error::TooLarge(_))));
        let promised = b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx.";
        assert!(matches!(read(promised), Err(Error::Broken(_))));
    }
}
