//! Reads values as Rust's types.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    self, DeserializeSeed, EnumAccess, Error, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::ConversionError;
use crate::value::{Construct, Object, Value};

pub(super) struct Deserializer(pub Value);

impl IntoDeserializer<'_, ConversionError> for Deserializer {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// What a value is to a type: plain, or made of others.
enum Shape {
    Plain(Value),
    Items(Vec<Value>),
    Pairs(Vec<(Value, Value)>),
}

fn shape(value: Value) -> Shape {
    match value {
        Value::Tuple(items)
        | Value::List(items)
        | Value::Set(items)
        | Value::FrozenSet(items) => Shape::Items(items),
        Value::Dict(pairs) => Shape::Pairs(pairs),
        Value::Object(object) => shape_of_object(*object),
        plain => Shape::Plain(plain),
    }
}

fn shape_of_object(mut object: Object) -> Shape {
    let name = match &*object.class.module {
        "collections" => &*object.class.name,
        _ => "",
    };
    match name {
        "OrderedDict" | "defaultdict" => return Shape::Pairs(object.pairs),
        "deque" => return Shape::Items(object.items),
        "Counter" => match object.args.pop() {
            Some(Value::Dict(pairs)) => return Shape::Pairs(pairs),
            other => object.args.extend(other),
        },
        _ => {}
    }
    let is_new = object.construct == Construct::New;
    match object.state.take() {
        Some(Value::Dict(attributes)) if object.args.is_empty() => {
            Shape::Pairs(attributes)
        }
        None if is_new && !object.pairs.is_empty() => {
            Shape::Pairs(object.pairs)
        }
        None if is_new && !object.items.is_empty() => {
            Shape::Items(object.items)
        }
        // A namedtuple.
        None if is_new && !object.args.is_empty() => Shape::Items(object.args),
        state => {
            object.state = state;
            Shape::Plain(object.into())
        }
    }
}

fn visit_items<'de, V: Visitor<'de>>(
    items: Vec<Value>,
    visitor: V,
) -> Result<V::Value, ConversionError> {
    let mut items = SeqDeserializer::new(items.into_iter().map(Deserializer));
    let visited = visitor.visit_seq(&mut items)?;
    items.end()?;
    Ok(visited)
}

fn visit_pairs<'de, V: Visitor<'de>>(
    pairs: Vec<(Value, Value)>,
    visitor: V,
) -> Result<V::Value, ConversionError> {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(k, v)| (Deserializer(k), Deserializer(v)));
    let mut pairs = MapDeserializer::new(pairs);
    let visited = visitor.visit_map(&mut pairs)?;
    pairs.end()?;
    Ok(visited)
}

fn visit_long<'de, V: Visitor<'de>>(
    bytes: &[u8],
    visitor: V,
) -> Result<V::Value, ConversionError> {
    let is_negative = bytes.last().is_some_and(|highest| *highest >= 0x80);
    let fill = if is_negative { 0xff } else { 0 };
    let mut all = [fill; 17];
    match all.get_mut(..bytes.len()) {
        Some(low) => low.copy_from_slice(bytes),
        None => return Err(ConversionError::custom("an int of this size")),
    }
    let [low @ .., sign] = all;
    let number = i128::from_le_bytes(low);
    match (u64::try_from(number), number < 0) {
        _ if sign != fill => {}
        (Ok(number), _) if !is_negative => return visitor.visit_u64(number),
        (_, number_is) if number_is == is_negative => {
            return visitor.visit_i128(number);
        }
        _ if !is_negative => {
            return visitor.visit_u128(u128::from_le_bytes(low));
        }
        _ => {}
    }
    Err(ConversionError::custom("an int of this size"))
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = ConversionError;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        let value = match shape(self.0) {
            Shape::Items(items) => return visit_items(items, visitor),
            Shape::Pairs(pairs) => return visit_pairs(pairs, visitor),
            Shape::Plain(value) => value,
        };
        match value {
            Value::None => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Int(number) => visitor.visit_i64(number),
            Value::Long(bytes) => visit_long(&bytes, visitor),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Str(text) => visitor.visit_string(text),
            Value::Bytes(bytes) | Value::ByteArray(bytes) => {
                visitor.visit_byte_buf(bytes)
            }
            Value::SurrogateStr(_) => {
                Err(ConversionError::custom("a str with lone surrogates"))
            }
            other => {
                let what = format!("Rust does not know {other}");
                Err(ConversionError(what))
            }
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        match self.0.as_float() {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        match self.0 {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Bytes will do for a sequence of numbers.
    fn deserialize_seq<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        match self.0 {
            Value::Bytes(bytes) | Value::ByteArray(bytes) => {
                let items = bytes.into_iter().map(Value::from);
                visit_items(items.collect(), visitor)
            }
            value => Self(value).deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        visitor.visit_newtype_struct(self)
    }

    /// A name, or a dict of one name and what belongs to it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        let no_variant = || ConversionError::custom("no variant of an enum");
        match shape(self.0) {
            Shape::Plain(name @ Value::Str(_)) => {
                visitor.visit_enum(Variant { name, fields: None })
            }
            Shape::Pairs(pairs) => {
                let [(name, fields)] =
                    <[_; 1]>::try_from(pairs).map_err(|_| no_variant())?;
                visitor.visit_enum(Variant { name, fields: Some(fields) })
            }
            _ => Err(no_variant()),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes
        byte_buf unit unit_struct tuple tuple_struct map struct identifier
        ignored_any
    }
}

struct Variant {
    name: Value,
    fields: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = ConversionError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        mut self,
        seed: S,
    ) -> Result<(S::Value, Self), ConversionError> {
        let name = std::mem::replace(&mut self.name, Value::None);
        Ok((seed.deserialize(Deserializer(name))?, self))
    }
}

impl Variant {
    fn fields(self) -> Result<Deserializer, ConversionError> {
        let none = || ConversionError::custom("a variant without its fields");
        self.fields.map(Deserializer).ok_or_else(none)
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = ConversionError;

    fn unit_variant(self) -> Result<(), ConversionError> {
        match self.fields {
            None | Some(Value::None) => Ok(()),
            Some(_) => Err(ConversionError::custom("a variant has no fields")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, ConversionError> {
        seed.deserialize(self.fields()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        de::Deserializer::deserialize_any(self.fields()?, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        de::Deserializer::deserialize_any(self.fields()?, visitor)
    }
}
