//! Pickles: read without executing anything, and written.
//!
//! Only what goes over this wire is understood: the opcodes of protocols 3 to
//! 5 for plain data, and for instances, which are described and never made.

mod read;
mod tree;
mod write;

use std::fmt;

pub use read::read;
pub use write::write;

/// How large a value may be, in a pickle that is read or written. Whatever one
/// side may write, the other side may read, if both have the same limits.
///
/// ```
/// use pymanagers::pickle::{self, Limits};
///
/// let limits = Limits { items: 10, ..Limits::default() };
/// let list: Vec<_> = (0..11).map(pymanagers::Value::from).collect();
/// let error = pickle::write(&list.into(), &limits).unwrap_err();
/// assert_eq!(error.to_string(), "more than 10 values (the limit)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a message, and of all its texts together: what it
    /// repeats is counted again.
    pub bytes: usize,
    /// The most values, what is repeated counted again. A name, a tuple of
    /// arguments and so on are values, too.
    pub items: usize,
    /// How deep values may be inside each other.
    pub depth: usize,
}

impl Default for Limits {
    /// 16 MiB, a million values, 100 levels.
    fn default() -> Self {
        Self { bytes: 16 << 20, items: 1 << 20, depth: 100 }
    }
}

/// Why a pickle was not read, or not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It ends too early, or its opcodes do not fit together: what is wrong.
    Broken(&'static str),
    /// It has more bytes than this limit.
    TooManyBytes(usize),
    /// It has more values than this limit.
    TooManyItems(usize),
    /// It has values inside each other, deeper than this limit; or a value
    /// that contains itself.
    TooDeep(usize),
    /// An opcode that is not understood.
    Opcode(u8),
}

impl Error {
    /// Whether it is one of the limits.
    pub fn is_limit(&self) -> bool {
        !matches!(self, Self::Broken(_) | Self::Opcode(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(what) => write!(f, "a broken pickle: {what}"),
            Self::TooManyBytes(n) => {
                write!(f, "more than {n} bytes (the limit)")
            }
            Self::TooManyItems(n) => {
                write!(f, "more than {n} values (the limit)")
            }
            Self::TooDeep(n) => {
                write!(f, "values deeper than {n} levels (the limit)")
            }
            Self::Opcode(op) => write!(f, "a pickle with opcode {op:#04x}"),
        }
    }
}

/// What is left of the limits while a value is read or written.
struct Budget {
    limits: Limits,
    items: usize,
    bytes: usize,
}

impl Budget {
    fn new(limits: &Limits) -> Self {
        let Limits { items, bytes, .. } = *limits;
        Self { limits: *limits, items, bytes }
    }

    /// Takes one value with so many bytes of text.
    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        let items = self.items.checked_sub(1);
        self.items = items.ok_or(Error::TooManyItems(self.limits.items))?;
        let bytes = self.bytes.checked_sub(bytes);
        self.bytes = bytes.ok_or(Error::TooManyBytes(self.limits.bytes))?;
        Ok(())
    }

    /// One level deeper than this.
    fn deeper(&self, depth: usize) -> Result<usize, Error> {
        match depth < self.limits.depth {
            true => Ok(depth + 1),
            false => Err(Error::TooDeep(self.limits.depth)),
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
    pub const NEWOBJ_EX: u8 = 0x92;
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
    use crate::value::{Class, Construct, Object, Value};

    const LIMITS: Limits =
        Limits { bytes: 16 << 20, items: 1 << 16, depth: 100 };

    fn read(pickle: &[u8]) -> Result<Value, Error> {
        super::read(pickle, &LIMITS)
    }

    fn written(value: &Value) -> Vec<u8> {
        write(value, &LIMITS).unwrap()
    }

    fn there_and_back(value: Value) {
        assert_eq!(read(&written(&value)), Ok(value));
    }

    #[test]
    fn lengths_of_eight_bytes_are_read() {
        let read = |op: u8| {
            let length = 3_u64.to_le_bytes();
            read(&[&[0x80, 5, op][..], &length, b"abc."].concat())
        };
        assert_eq!(read(0x8d), Ok("abc".into()));
        assert_eq!(read(0x8e), Ok(Value::Bytes(b"abc".into())));
        assert_eq!(read(0x96), Ok(Value::ByteArray(b"abc".into())));
    }

    #[test]
    fn an_error_says_what_is_wrong_and_whether_it_is_a_limit() {
        for (error, text, is_limit) in [
            (Error::Broken("a text"), "a broken pickle: a text", false),
            (Error::TooManyBytes(9), "more than 9 bytes (the limit)", true),
            (Error::TooManyItems(9), "more than 9 values (the limit)", true),
        ] {
            assert_eq!(error.to_string(), text);
            assert_eq!(error.is_limit(), is_limit);
        }
        assert!(!Error::Opcode(0).is_limit() && Error::TooDeep(1).is_limit());
    }

    #[test]
    fn the_limit_of_depth_is_itself_allowed() {
        let nested = |levels| {
            let wrap = |value, _| Value::List(vec![value]);
            (0..levels).fold(Value::None, wrap)
        };
        let deepest = (1..200)
            .take_while(|levels| write(&nested(*levels), &LIMITS).is_ok());
        let deepest = deepest.last().unwrap();
        assert_eq!(deepest + 1, LIMITS.depth, "None is a level as well");
        there_and_back(nested(deepest));
    }

    #[test]
    fn lengths_of_four_bytes_are_read() {
        assert_eq!(read(b"\x8b\x01\0\0\0\x05."), Ok(5.into()));
        let twice = read(b"K\x07r\0\0\0\0j\0\0\0\0\x86.");
        assert_eq!(twice, Ok(Value::Tuple(vec![7.into(), 7.into()])));
    }

    #[test]
    fn a_broken_pickle_is_refused_with_what_is_wrong() {
        for (pickle, what) in [
            (&b"NN."[..], "values are left over"),
            (b"(N.", "values are left over"),
            (b"t.", "a mark is missing"),
            (b"a.", "a value is missing"),
            (b"(N\x85.", "values are left over"),
            (b"N(\x85.", "a value is missing"),
            (b"NNa.", "a value is of the wrong type"),
            (b"NN\x93.", "a value is of the wrong type"),
            (b"h\x07.", "it refers to a value that is not there"),
            (b"}(K\x01K\x02K\x03u.", "a key has no value"),
            (b"\x8c\x01\xff.", "a text is no UTF-8"),
            (b"\x80\x09.", "its protocol is unknown"),
            (b"]", "it ends too early"),
        ] {
            assert_eq!(read(pickle), Err(Error::Broken(what)), "{pickle:?}");
        }
    }

    #[test]
    fn only_the_bytearray_of_builtins_is_one() {
        let call = |class: &[u8]| read(&[class, b"C\x01a\x85R."].concat());
        let ours = call(b"cbuiltins\nbytearray\n");
        assert_eq!(ours, Ok(Value::ByteArray(b"a".into())));
        let other = call(b"cmodule\nbytearray\n");
        assert!(matches!(other, Ok(Value::Object(_))), "{other:?}");
        // An instance that was made by `__new__` is carried as it is.
        let new = read(b"cbuiltins\nbytearray\nC\x01a\x85\x81.");
        assert!(matches!(new, Ok(Value::Object(_))), "{new:?}");
    }

    #[test]
    fn a_second_state_is_refused() {
        assert!(read(b"cm\nC\n)\x81Nb.").is_ok());
        let twice = read(b"cm\nC\n)\x81NbNb.");
        assert_eq!(twice, Err(Error::Broken("a value is of the wrong type")));
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
        let some = || vec![1.into()];
        let pairs = || vec![("key".into(), "value".into())];
        let object = Object {
            class,
            construct: Construct::New,
            args: some(),
            kwargs: pairs(),
            items: some(),
            pairs: pairs(),
            state: Some("state".into()),
        };
        there_and_back(object.into());
        there_and_back(Value::SurrogateStr(b"a\xed\xa0\x80b".to_vec()));
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
    fn nothing_is_executed() {
        let system = b"\x80\x04cposix\nsystem\n\x8c\x04true\x85R.";
        let args = vec!["true".into()];
        let object = Object::exception("posix", "system", args);
        assert_eq!(read(system), Ok(object.into()), "described");
        for op in *b"PQio0123IVSLgpl\x82\x83\x84\x97\x98\xff" {
            let pickle = [0x80, 4, b'N', op, b'0', b'\n', b'N', b'.'];
            assert_eq!(read(&pickle), Err(Error::Opcode(op)));
        }
    }

    #[test]
    fn a_text_that_is_no_utf_8_is_broken() {
        for text in [&b"\xff"[..], b"\xed\xa0", b"\xed\x60\x80", b"a\xed"] {
            let head = [0x80, 4, 0x8c, text.len() as u8];
            let pickle = [&head[..], text, b"."].concat();
            assert!(matches!(read(&pickle), Err(Error::Broken(_))));
        }
    }

    #[test]
    fn a_pickle_cut_short_is_broken_wherever_it_is_cut() {
        let pair = (Value::Float(1.0), Value::Bytes(vec![1]));
        let items = vec![1.into(), "two".into(), Value::Dict(vec![pair])];
        let whole = written(&Value::Tuple(items));
        for cut in 0..whole.len() {
            let read = read(&whole[..cut]);
            assert!(matches!(read, Err(Error::Broken(_))), "{cut}: {read:?}");
        }
    }

    #[track_caller]
    fn assert_too_large(pickle: &[u8]) {
        let read = read(pickle);
        assert!(matches!(&read, Err(e) if e.is_limit()), "{read:?}");
    }

    #[test]
    fn limits_hold_for_reading() {
        // Each list holds the one before twice: 2^100 in the end.
        let mut bomb = b"\x80\x04(]\x94".to_vec();
        for i in 0..40 {
            bomb.extend([b']', 0x94, b'(', b'h', i, b'h', i, b'e']);
        }
        bomb.extend(b"t.");
        assert_too_large(&bomb);
        let deep = [&[0x80, 4][..], &[b'('; 5000], &[b't'; 5000], b"."];
        assert_too_large(&deep.concat());
        let wide = [&[0x80, 4, b'('][..], &[b'N'; 70_000], b"t."];
        assert_too_large(&wide.concat());
        let endless = b"\x80\x04]\x94h\0a."; // A list that holds itself.
        assert_too_large(endless);
        let mut long = vec![0x80, 4, b'(', b'X', 0, 0, 16, 0];
        long.extend(vec![b'x'; 1 << 20]);
        long.push(0x94);
        long.extend(b"h\0".repeat(17));
        long.extend(b"t.");
        assert_too_large(&long);
        // What is read is too large already; none of these even ends.
        let classes = [&long[..9 + (1 << 20)], &b"h\0h\0\x93".repeat(9)];
        assert_too_large(&classes.concat());
        let often = [b"\x80\x04]\x94", &b"h\0a".repeat(70_000)[..]];
        assert_too_large(&often.concat());
        let promised = b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx.";
        assert!(matches!(read(promised), Err(Error::Broken(_))));
    }

    /// Some value of each kind, with this one inside.
    fn around(value: Value) -> [Value; 9] {
        let one = || vec![value.clone()];
        let class = || Class::new("module", "name");
        let object = Object::call(class(), vec![]);
        let pairs = || vec![(Value::None, value.clone())];
        let new = Construct::New;
        [
            Value::Tuple(one()),
            Value::List(one()),
            Value::Dict(pairs()),
            Value::FrozenSet(one()),
            Object::call(class(), one()).into(),
            Object { state: Some(value.clone()), ..object.clone() }.into(),
            Object { items: one(), ..object.clone() }.into(),
            Object { pairs: pairs(), ..object.clone() }.into(),
            Object { construct: new, kwargs: pairs(), ..object }.into(),
        ]
    }

    #[test]
    fn what_may_be_written_may_be_read() {
        let plain = [
            Value::None,
            7.into(),
            "text".into(),
            Value::ByteArray(vec![7; 9]),
            Value::Long(vec![7; 9]),
            Value::Class(Class::new("module", "name")),
        ];
        let values = plain.into_iter().flat_map(around).flat_map(around);
        for value in values.flat_map(around) {
            let mut taken = [0; 3];
            for (i, most) in [120, 40, 9].into_iter().enumerate() {
                for limit in 0..=most {
                    let mut limits = LIMITS;
                    match i {
                        0 => limits.bytes = limit,
                        1 => limits.items = limit,
                        _ => limits.depth = limit,
                    }
                    if let Ok(pickle) = write(&value, &limits) {
                        let read = super::read(&pickle, &limits);
                        assert_eq!(read.as_ref(), Ok(&value), "{limits:?}");
                        taken[i] += 1;
                    }
                }
            }
            assert!(taken.iter().all(|n| *n > 0), "{taken:?} {value}");
        }
    }
}
