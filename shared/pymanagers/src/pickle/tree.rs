//! Builds the value of a pickle from its nodes, within the limits: what is
//! shared is counted each time.

use super::{Budget, Error, Limits};
use crate::value::{Construct, Object, Value};

/// The number of a node.
pub(super) type Id = usize;

/// A value whose parts are still nodes.
pub(super) enum Node<'a> {
    Plain(Value),
    /// A text, where it is in the pickle.
    Str(&'a str),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<Id>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    Object(Box<Instance>),
}

pub(super) struct Instance {
    pub class: Id,
    pub construct: Construct,
    pub args: Id,
    pub kwargs: Option<Id>,
    pub items: Vec<Id>,
    /// Keys and values in turn.
    pub pairs: Vec<Id>,
    pub state: Option<Id>,
}

/// An opcode wants, say, a list below, and there is something else.
pub(super) const WRONG_TYPE: Error =
    Error::Broken("a value is of the wrong type");

pub(super) struct Tree<'a> {
    nodes: &'a [Node<'a>],
    budget: Budget,
}

impl<'a> Tree<'a> {
    pub fn new(nodes: &'a [Node<'a>], limits: &Limits) -> Self {
        Self { nodes, budget: Budget::new(limits) }
    }

    /// The value of this node.
    pub fn value(&mut self, root: Id) -> Result<Value, Error> {
        self.resolve(root, 0)
    }
}

impl Tree<'_> {
    /// The tree below a node.
    fn resolve(&mut self, id: Id, depth: usize) -> Result<Value, Error> {
        let depth = self.budget.deeper(depth)?;
        self.budget.spend(self.nodes[id].bytes())?;
        Ok(match &self.nodes[id] {
            Node::Plain(value) => value.clone(),
            Node::Str(text) => (*text).into(),
            Node::Tuple(ids) => Value::Tuple(self.all(ids, depth)?),
            Node::List(ids) => Value::List(self.all(ids, depth)?),
            Node::Set(ids) => Value::Set(self.all(ids, depth)?),
            Node::FrozenSet(ids) => Value::FrozenSet(self.all(ids, depth)?),
            Node::Dict(ids) => Value::Dict(self.pairs(ids, depth)?),
            Node::Object(instance) => self.object(instance, depth)?,
        })
    }

    fn all(&mut self, ids: &[Id], depth: usize) -> Result<Vec<Value>, Error> {
        ids.iter().map(|id| self.resolve(*id, depth)).collect()
    }

    fn pairs(
        &mut self,
        ids: &[Id],
        depth: usize,
    ) -> Result<Vec<(Value, Value)>, Error> {
        let pairs = ids.chunks_exact(2).map(|pair| {
            let key = self.resolve(pair[0], depth)?;
            Ok((key, self.resolve(pair[1], depth)?))
        });
        pairs.collect()
    }

    /// An instance, or plain data that Python pickles like one.
    fn object(
        &mut self,
        instance: &Instance,
        depth: usize,
    ) -> Result<Value, Error> {
        let Node::Plain(Value::Class(class)) = &self.nodes[instance.class]
        else {
            return Err(Error::Broken("a call of something without a name"));
        };
        self.budget.spend(class.module.len() + class.name.len())?;
        let Value::Tuple(args) = self.resolve(instance.args, depth)? else {
            return Err(WRONG_TYPE);
        };
        let kwargs = match instance.kwargs {
            None => Vec::new(),
            Some(id) => match self.resolve(id, depth)? {
                Value::Dict(kwargs) => kwargs,
                _ => return Err(WRONG_TYPE),
            },
        };
        let state = instance.state;
        let object = Object {
            class: class.clone(),
            construct: instance.construct,
            args,
            kwargs,
            items: self.all(&instance.items, depth)?,
            pairs: self.pairs(&instance.pairs, depth)?,
            state: state.map(|id| self.resolve(id, depth)).transpose()?,
        };
        Ok(plain(object))
    }
}

/// Python pickles a bytearray, and in old protocols a set, as a call.
fn plain(mut object: Object) -> Value {
    let is_plain = object.class.module == "builtins"
        && object.construct == Construct::Call
        && object.args.len() <= 1
        && object.items.is_empty()
        && object.pairs.is_empty()
        && object.state.is_none();
    if is_plain {
        match (&*object.class.name, object.args.pop()) {
            ("set", Some(Value::List(all))) => return Value::Set(all),
            ("frozenset", Some(Value::List(all))) => {
                return Value::FrozenSet(all);
            }
            ("bytearray", Some(Value::Bytes(all))) => {
                return Value::ByteArray(all);
            }
            ("bytearray", None) => return Value::ByteArray(Vec::new()),
            (_, args) => object.args.extend(args),
        }
    }
    Value::Object(Box::new(object))
}

impl Node<'_> {
    /// The bytes that it holds itself.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Str(text) => text.len(),
            Self::Plain(
                Value::Bytes(bytes)
                | Value::ByteArray(bytes)
                | Value::SurrogateStr(bytes)
                | Value::Long(bytes),
            ) => bytes.len(),
            Self::Plain(Value::Class(class)) => {
                class.module.len() + class.name.len()
            }
            _ => 0,
        }
    }
}
