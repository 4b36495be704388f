//! Reads a pickle as data. The stack and the memo hold numbers of nodes, as
//! what is shared may still grow; at the end the tree is built from them.

use super::tree::{Id, Instance, Node, Tree, WRONG_TYPE};
use super::{Budget, Error, Limits, op};
use crate::value::{Class, Construct, Value};

/// Reads a pickle; an instance in it is described, and never made.
///
/// # Errors
///
/// When it is no pickle that we understand, or exceeds the limits.
pub fn read(pickle: &[u8], limits: &Limits) -> Result<Value, Error> {
    Reader::new(pickle, limits).read()
}

struct Reader<'a> {
    rest: &'a [u8],
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    memo: Vec<Option<Id>>,
    budget: Budget,
}

const NO_UTF8: Error = Error::Broken("a text is no UTF-8");
const SHORT: Error = Error::Broken("it ends too early");
/// An opcode wants more values than there are, or a mark that is not there.
const NO_VALUE: Error = Error::Broken("a value is missing");
const NO_MARK: Error = Error::Broken("a mark is missing");

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8], limits: &Limits) -> Self {
        let nodes = Vec::with_capacity(16);
        let stack = Vec::with_capacity(16);
        let marks = Vec::new();
        let memo = Vec::with_capacity(16);
        let budget = Budget::new(limits);
        Self { rest, nodes, stack, marks, memo, budget }
    }

    fn read(mut self) -> Result<Value, Error> {
        loop {
            let op = self.byte()?;
            if op == op::STOP {
                break;
            }
            self.step(op)?;
        }
        let root = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() {
            return Err(Error::Broken("values are left over"));
        }
        Tree::new(&self.nodes, &self.budget.limits).value(root)
    }

    fn step(&mut self, op: u8) -> Result<(), Error> {
        match op {
            op::PROTO => match self.byte()? {
                2..=5 => Ok(()),
                _ => Err(Error::Broken("its protocol is unknown")),
            },
            op::FRAME => self.take(8).map(drop),
            op::MARK => {
                self.budget.deeper(self.marks.len())?;
                self.marks.push(self.stack.len());
                Ok(())
            }
            op::MEMOIZE => self.memoize(self.memo.len()),
            op::BINPUT => {
                let at = self.byte()?;
                self.memoize(at.into())
            }
            op::LONG_BINPUT => {
                let at = self.length(4)?;
                self.memoize(at)
            }
            op::BINGET => {
                let at = self.byte()?;
                self.recall(at.into())
            }
            op::LONG_BINGET => {
                let at = self.length(4)?;
                self.recall(at)
            }
            _ => self.step_value(op),
        }
    }

    fn step_value(&mut self, op: u8) -> Result<(), Error> {
        let value = match op {
            op::SHORT_BINUNICODE => return self.push_text(1),
            op::BINUNICODE => return self.push_text(4),
            op::BINUNICODE8 => return self.push_text(8),
            op::NONE => Value::None,
            op::NEWTRUE => Value::Bool(true),
            op::NEWFALSE => Value::Bool(false),
            op::BININT1 => Value::Int(self.byte()?.into()),
            op::BININT2 => Value::Int(u16::from_le_bytes(self.array()?).into()),
            op::BININT => Value::Int(i32::from_le_bytes(self.array()?).into()),
            op::LONG1 => int(self.text(1)?),
            op::LONG4 => int(self.text(4)?),
            op::BINFLOAT => Value::Float(f64::from_be_bytes(self.array()?)),
            op::SHORT_BINBYTES => Value::Bytes(self.text(1)?.into()),
            op::BINBYTES => Value::Bytes(self.text(4)?.into()),
            op::BINBYTES8 => Value::Bytes(self.text(8)?.into()),
            op::BYTEARRAY8 => Value::ByteArray(self.text(8)?.into()),
            op::GLOBAL => {
                let module = self.line()?;
                let name = self.line()?;
                Value::Class(Class::new(module, name))
            }
            op::STACK_GLOBAL => {
                let name = self.pop_text()?;
                let module = self.pop_text()?;
                Value::Class(Class { module, name })
            }
            _ => return self.step_container(op),
        };
        self.push(Node::Plain(value))
    }

    fn step_container(&mut self, op: u8) -> Result<(), Error> {
        let node = match op {
            op::EMPTY_TUPLE => Node::Tuple(Vec::new()),
            op::TUPLE1 => Node::Tuple(self.pop_many(1)?),
            op::TUPLE2 => Node::Tuple(self.pop_many(2)?),
            op::TUPLE3 => Node::Tuple(self.pop_many(3)?),
            op::TUPLE => Node::Tuple(self.pop_marked()?),
            op::EMPTY_LIST => Node::List(Vec::new()),
            op::EMPTY_DICT => Node::Dict(Vec::new()),
            op::EMPTY_SET => Node::Set(Vec::new()),
            op::FROZENSET => Node::FrozenSet(self.pop_marked()?),
            op::REDUCE => self.instance(Construct::Call, false)?,
            op::NEWOBJ => self.instance(Construct::New, false)?,
            op::NEWOBJ_EX => self.instance(Construct::New, true)?,
            op::BUILD => return self.build(),
            op::APPEND => return self.append(1),
            op::SETITEM => return self.set_items(2),
            op::APPENDS | op::ADDITEMS => {
                let many = self.count_marked()?;
                return self.append(many);
            }
            op::SETITEMS => {
                let many = self.count_marked()?;
                return self.set_items(many);
            }
            unknown => return Err(Error::Opcode(unknown)),
        };
        self.push(node)
    }

    /// An instance of the class below its arguments.
    fn instance(
        &mut self,
        construct: Construct,
        has_kwargs: bool,
    ) -> Result<Node<'a>, Error> {
        let kwargs = has_kwargs.then(|| self.pop()).transpose()?;
        let args = self.pop()?;
        let class = self.pop()?;
        let items = Vec::new();
        let pairs = Vec::new();
        let state = None;
        let instance =
            Instance { class, construct, args, kwargs, items, pairs, state };
        Ok(Node::Object(Box::new(instance)))
    }

    fn count_marked(&mut self) -> Result<usize, Error> {
        let mark = self.marks.pop().ok_or(NO_MARK)?;
        Ok(self.stack.len() - mark)
    }

    /// Puts what is on top of the stack into the list or set below.
    fn append(&mut self, many: usize) -> Result<(), Error> {
        let items = self.pop_many(many)?;
        let into = *self.below()?;
        match &mut self.nodes[into] {
            Node::List(all) | Node::Set(all) => all.extend(items),
            Node::Object(object) => object.items.extend(items),
            _ => return Err(WRONG_TYPE),
        }
        Ok(())
    }

    /// Puts what is on top of the stack into the dict below.
    fn set_items(&mut self, many: usize) -> Result<(), Error> {
        let items = self.pop_many(many)?;
        let into = *self.below()?;
        match &mut self.nodes[into] {
            _ if !items.len().is_multiple_of(2) => {
                return Err(Error::Broken("a key has no value"));
            }
            Node::Dict(all) => all.extend(items),
            Node::Object(object) => object.pairs.extend(items),
            _ => return Err(WRONG_TYPE),
        }
        Ok(())
    }

    fn build(&mut self) -> Result<(), Error> {
        let given = self.pop()?;
        let into = *self.below()?;
        match &mut self.nodes[into] {
            Node::Object(object) if object.state.is_none() => {
                object.state = Some(given);
                Ok(())
            }
            _ => Err(WRONG_TYPE),
        }
    }

    fn push(&mut self, node: Node<'a>) -> Result<(), Error> {
        self.budget.spend(node.bytes())?;
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    fn push_text(&mut self, width: usize) -> Result<(), Error> {
        let bytes = self.text(width)?;
        self.push(match str::from_utf8(bytes) {
            Ok(text) => Node::Str(text),
            Err(_) if is_surrogate_str(bytes) => {
                Node::Plain(Value::SurrogateStr(bytes.into()))
            }
            Err(_) => return Err(NO_UTF8),
        })
    }

    /// The top of the stack, above the last mark.
    fn below(&mut self) -> Result<&Id, Error> {
        let floor = self.marks.last().copied().unwrap_or_default();
        self.stack[floor..].last().ok_or(NO_VALUE)
    }

    fn pop(&mut self) -> Result<Id, Error> {
        let top = *self.below()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_many(&mut self, many: usize) -> Result<Vec<Id>, Error> {
        let floor = self.marks.last().copied().unwrap_or_default();
        let from = self.stack.len().checked_sub(many).ok_or(NO_VALUE)?;
        if from < floor {
            return Err(NO_VALUE);
        }
        Ok(self.stack.split_off(from))
    }

    fn pop_marked(&mut self) -> Result<Vec<Id>, Error> {
        let mark = self.marks.pop().ok_or(NO_MARK)?;
        Ok(self.stack.split_off(mark))
    }

    fn pop_text(&mut self) -> Result<String, Error> {
        let top = self.pop()?;
        match self.nodes[top] {
            Node::Str(text) => Ok(text.into()),
            _ => Err(WRONG_TYPE),
        }
    }

    fn memoize(&mut self, at: usize) -> Result<(), Error> {
        let top = *self.below()?;
        let limit = self.budget.limits.items;
        if at >= limit {
            return Err(Error::TooManyItems(limit));
        }
        if self.memo.len() <= at {
            self.memo.resize(at + 1, None);
        }
        self.memo[at] = Some(top);
        Ok(())
    }

    fn recall(&mut self, at: usize) -> Result<(), Error> {
        let known = self.memo.get(at).copied().flatten();
        self.budget.spend(0)?;
        let missing = Error::Broken("it refers to a value that is not there");
        self.stack.push(known.ok_or(missing)?);
        Ok(())
    }

    fn take(&mut self, many: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(many).ok_or(SHORT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        Ok(self.take(N)?.try_into().expect("just as many"))
    }

    /// A number of `width` bytes.
    fn length(&mut self, width: usize) -> Result<usize, Error> {
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(self.take(width)?);
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| SHORT)
    }

    /// Bytes behind their length.
    fn text(&mut self, width: usize) -> Result<&'a [u8], Error> {
        let length = self.length(width)?;
        self.take(length)
    }

    fn line(&mut self) -> Result<&'a str, Error> {
        let end = self.rest.iter().position(|b| *b == b'\n').ok_or(SHORT)?;
        let line = str::from_utf8(self.take(end)?).map_err(|_| NO_UTF8)?;
        self.take(1)?;
        Ok(line)
    }
}

/// Whether it is UTF-8 but for surrogates, which Python encodes likewise.
fn is_surrogate_str(mut bytes: &[u8]) -> bool {
    while let Err(error) = str::from_utf8(bytes) {
        let [0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..] =
            &bytes[error.valid_up_to()..]
        else {
            return false;
        };
        bytes = rest;
    }
    true
}

/// The lowest byte first, two's complement.
fn int(bytes: &[u8]) -> Value {
    let Some(highest) = bytes.last() else {
        return Value::Int(0);
    };
    if bytes.len() > 8 {
        return Value::Long(bytes.into());
    }
    let mut all = if *highest < 0x80 { [0; 8] } else { [0xff; 8] };
    all[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(all))
}
