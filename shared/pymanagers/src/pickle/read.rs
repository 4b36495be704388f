//! Reads a pickle as data. The stack and the memo hold numbers of nodes, as
//! what is shared may still grow; at the end the tree is built from them,
//! within the budgets.

use super::{Error, MAX_BYTES, MAX_DEPTH, MAX_NODES, op};
use crate::value::{Class, Object, Value};

/// Reads a pickle of plain data. The only instances in it may be the
/// exceptions of `queue`, and the managers' `Token`.
///
/// # Errors
///
/// When it is no such pickle, or too large.
pub fn read(pickle: &[u8]) -> Result<Value, Error> {
    Reader::new(pickle, is_known).read()
}

/// Reads a pickle in which every instance is described.
///
/// # Errors
///
/// When it is no pickle that we understand, or too large.
pub fn read_any(pickle: &[u8]) -> Result<Value, Error> {
    Reader::new(pickle, |_| true).read()
}

fn is_known(class: &Class) -> bool {
    match &*class.module {
        "queue" | "_queue" => {
            matches!(&*class.name, "Empty" | "Full" | "ShutDown")
        }
        "multiprocessing.managers" => class.name == "Token",
        _ => false,
    }
}

/// The number of a node.
type Id = usize;

/// A value whose parts are still nodes.
enum Node {
    Plain(Value),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<Id>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    Object { class: Id, args: Id, state: Option<Id> },
}

struct Reader<'a> {
    rest: &'a [u8],
    knows: fn(&Class) -> bool,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    memo: Vec<Option<Id>>,
    budget: Budget,
}

const SHORT: Error = Error::Broken("it ends too early");
const NONSENSE: Error = Error::Broken("it makes no sense");
const MANY: Error = Error::TooLarge("too many values");
const LONG: Error = Error::TooLarge("too many bytes");
const DEEP: Error = Error::TooLarge("values too deep in each other");

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8], knows: fn(&Class) -> bool) -> Self {
        let (nodes, stack) = (Vec::with_capacity(16), Vec::with_capacity(16));
        let (marks, memo) = (Vec::new(), Vec::with_capacity(16));
        let budget = Budget::default();
        Self { rest, knows, nodes, stack, marks, memo, budget }
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
            return Err(NONSENSE);
        }
        self.resolve(root, MAX_DEPTH, &mut Budget::default())
    }

    fn step(&mut self, op: u8) -> Result<(), Error> {
        match op {
            op::PROTO => match self.byte()? {
                2..=5 => Ok(()),
                _ => Err(Error::Broken("its protocol is unknown")),
            },
            op::FRAME => self.take(8).map(drop),
            op::MARK if self.marks.len() == MAX_DEPTH => Err(DEEP),
            op::MARK => {
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
            op::NONE => Value::None,
            op::NEWTRUE => Value::Bool(true),
            op::NEWFALSE => Value::Bool(false),
            op::BININT1 => Value::Int(self.byte()?.into()),
            op::BININT2 => Value::Int(u16::from_le_bytes(self.array()?).into()),
            op::BININT => Value::Int(i32::from_le_bytes(self.array()?).into()),
            op::LONG1 => int(self.text(1)?),
            op::LONG4 => int(self.text(4)?),
            op::BINFLOAT => Value::Float(f64::from_be_bytes(self.array()?)),
            op::SHORT_BINUNICODE => string(self.text(1)?)?,
            op::BINUNICODE => string(self.text(4)?)?,
            op::BINUNICODE8 => string(self.text(8)?)?,
            op::SHORT_BINBYTES => Value::Bytes(self.text(1)?.into()),
            op::BINBYTES => Value::Bytes(self.text(4)?.into()),
            op::BINBYTES8 => Value::Bytes(self.text(8)?.into()),
            op::BYTEARRAY8 => Value::ByteArray(self.text(8)?.into()),
            op::GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                Value::Class(Class::new(module, name))
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop_text()?, self.pop_text()?);
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
            op::REDUCE | op::NEWOBJ => {
                let (args, class) = (self.pop()?, self.pop()?);
                Node::Object { class, args, state: None }
            }
            op::BUILD => return self.build(),
            op::APPEND => return self.extend(1),
            op::SETITEM => return self.extend(2),
            op::APPENDS | op::SETITEMS | op::ADDITEMS => {
                let mark = self.marks.last().ok_or(NONSENSE)?;
                let many = self.stack.len() - mark;
                self.marks.pop();
                return self.extend(many);
            }
            unknown => return Err(Error::Opcode(unknown)),
        };
        self.push(node)
    }

    /// Puts what lies on top into the list, dict or set below.
    fn extend(&mut self, many: usize) -> Result<(), Error> {
        let items = self.pop_many(many)?;
        let into = *self.below()?;
        match &mut self.nodes[into] {
            Node::List(all) | Node::Set(all) => all.extend(items),
            Node::Dict(all) if items.len().is_multiple_of(2) => {
                all.extend(items);
            }
            _ => return Err(NONSENSE),
        }
        Ok(())
    }

    fn build(&mut self) -> Result<(), Error> {
        let given = self.pop()?;
        let into = *self.below()?;
        match &mut self.nodes[into] {
            Node::Object { state, .. } if state.is_none() => {
                *state = Some(given);
                Ok(())
            }
            _ => Err(NONSENSE),
        }
    }

    fn push(&mut self, node: Node) -> Result<(), Error> {
        self.budget.spend(match &node {
            Node::Plain(value) => bytes_of(value),
            _ => 0,
        })?;
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    /// The top of the stack, above the last mark.
    fn below(&mut self) -> Result<&Id, Error> {
        let floor = self.marks.last().copied().unwrap_or_default();
        self.stack[floor..].last().ok_or(NONSENSE)
    }

    fn pop(&mut self) -> Result<Id, Error> {
        let top = *self.below()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_many(&mut self, many: usize) -> Result<Vec<Id>, Error> {
        let floor = self.marks.last().copied().unwrap_or_default();
        let from = self.stack.len().checked_sub(many).ok_or(NONSENSE)?;
        if from < floor {
            return Err(NONSENSE);
        }
        Ok(self.stack.split_off(from))
    }

    fn pop_marked(&mut self) -> Result<Vec<Id>, Error> {
        let mark = self.marks.pop().ok_or(NONSENSE)?;
        Ok(self.stack.split_off(mark))
    }

    fn pop_text(&mut self) -> Result<String, Error> {
        let top = self.pop()?;
        match &self.nodes[top] {
            Node::Plain(Value::Str(text)) => Ok(text.clone()),
            _ => Err(NONSENSE),
        }
    }

    fn memoize(&mut self, at: usize) -> Result<(), Error> {
        let top = *self.below()?;
        if at >= MAX_NODES {
            return Err(MANY);
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
        self.stack.push(known.ok_or(NONSENSE)?);
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
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| LONG)
    }

    /// Bytes behind their length.
    fn text(&mut self, width: usize) -> Result<&'a [u8], Error> {
        let length = self.length(width)?;
        self.take(length)
    }

    fn line(&mut self) -> Result<&'a str, Error> {
        let end = self.rest.iter().position(|b| *b == b'\n').ok_or(SHORT)?;
        let line = str::from_utf8(self.take(end)?).map_err(|_| NONSENSE)?;
        self.take(1)?;
        Ok(line)
    }
}

/// What is left of what a pickle may hold: spent once while it is read, and
/// once more for the tree, as either can be much larger than the other.
struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: MAX_NODES, bytes: MAX_BYTES }
    }
}

impl Budget {
    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.nodes = self.nodes.checked_sub(1).ok_or(MANY)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(LONG)?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The tree below a node.
    fn resolve(
        &self,
        id: Id,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Value, Error> {
        let deeper = depth.checked_sub(1).ok_or(DEEP)?;
        if !matches!(self.nodes[id], Node::Plain(_)) {
            budget.spend(0)?;
        }
        let mut all = |ids: &[Id]| -> Result<Vec<Value>, Error> {
            ids.iter().map(|id| self.resolve(*id, deeper, budget)).collect()
        };
        Ok(match &self.nodes[id] {
            Node::Plain(value) => {
                budget.spend(bytes_of(value))?;
                if let Value::Class(class) = value
                    && !(self.knows)(class)
                {
                    return Err(Error::Object(class.to_string()));
                }
                value.clone()
            }
            Node::Tuple(ids) => Value::Tuple(all(ids)?),
            Node::List(ids) => Value::List(all(ids)?),
            Node::Set(ids) => Value::Set(all(ids)?),
            Node::FrozenSet(ids) => Value::FrozenSet(all(ids)?),
            Node::Dict(ids) => {
                let mut items = all(ids)?.into_iter();
                let pair = || Some((items.next()?, items.next()?));
                Value::Dict(std::iter::from_fn(pair).collect())
            }
            Node::Object { class, args, state } => {
                self.object(*class, *args, *state, deeper, budget)?
            }
        })
    }

    /// An instance, or plain data that Python pickles like one.
    fn object(
        &self,
        class: Id,
        args: Id,
        state: Option<Id>,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Value, Error> {
        let Node::Plain(Value::Class(class)) = &self.nodes[class] else {
            return Err(NONSENSE);
        };
        let makes_data = class.module == "builtins"
            && matches!(&*class.name, "set" | "frozenset" | "bytearray");
        if !makes_data && !(self.knows)(class) {
            return Err(Error::Object(class.to_string()));
        }
        budget.spend(class.module.len() + class.name.len())?;
        let Value::Tuple(mut args) = self.resolve(args, depth, budget)? else {
            return Err(NONSENSE);
        };
        if makes_data {
            return match (&*class.name, args.pop(), args.is_empty(), state) {
                ("set", Some(Value::List(all)), true, None) => {
                    Ok(Value::Set(all))
                }
                ("frozenset", Some(Value::List(all)), true, None) => {
                    Ok(Value::FrozenSet(all))
                }
                ("bytearray", Some(Value::Bytes(all)), true, None) => {
                    Ok(Value::ByteArray(all))
                }
                ("bytearray", None, true, None) => {
                    Ok(Value::ByteArray(Vec::new()))
                }
                _ => Err(NONSENSE),
            };
        }
        let state =
            state.map(|id| self.resolve(id, depth, budget)).transpose()?;
        let class = class.clone();
        Ok(Value::Object(Box::new(Object { class, args, state })))
    }
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) | Value::ByteArray(bytes) => bytes.len(),
        Value::Long(bytes) => bytes.len(),
        Value::Class(class) => class.module.len() + class.name.len(),
        _ => 0,
    }
}

fn string(bytes: &[u8]) -> Result<Value, Error> {
    let text = str::from_utf8(bytes);
    text.map(Value::from).map_err(|_| Error::Broken("a text is no UTF-8"))
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
