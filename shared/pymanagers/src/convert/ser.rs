//! Writes Rust's types as values.

use serde::ser::{self, Serialize};

use super::ConversionError;
use crate::value::Value;

type Made = Result<Value, ConversionError>;

pub(super) struct Serializer;

fn value_of<T: Serialize + ?Sized>(value: &T) -> Made {
    value.serialize(Serializer)
}

/// `{variant: value}`, or just the value.
fn with_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Dict(vec![(name.into(), value)]),
        None => value,
    }
}

/// An `int` of any size.
fn integer(number: i128) -> Value {
    match i64::try_from(number) {
        Ok(number) => number.into(),
        Err(_) => Value::Long(number.to_le_bytes().into()),
    }
}

/// Items of a list or a tuple, as far as they have come.
pub(super) struct Items {
    variant: Option<&'static str>,
    is_tuple: bool,
    items: Vec<Value>,
}

impl Items {
    fn new(variant: Option<&'static str>, is_tuple: bool) -> Self {
        Self { variant, is_tuple, items: Vec::new() }
    }

    fn push<T: Serialize + ?Sized>(
        &mut self,
        item: &T,
    ) -> Result<(), ConversionError> {
        self.items.push(value_of(item)?);
        Ok(())
    }

    fn finish(self) -> Made {
        let items = match self.is_tuple {
            true => Value::Tuple(self.items),
            false => Value::List(self.items),
        };
        Ok(with_variant(self.variant, items))
    }
}

/// Items of a dict, as far as they have come.
pub(super) struct Pairs {
    variant: Option<&'static str>,
    key: Option<Value>,
    pairs: Vec<(Value, Value)>,
}

impl Pairs {
    fn new(variant: Option<&'static str>) -> Self {
        Self { variant, key: None, pairs: Vec::new() }
    }

    fn push<T: Serialize + ?Sized>(
        &mut self,
        key: Value,
        value: &T,
    ) -> Result<(), ConversionError> {
        self.pairs.push((key, value_of(value)?));
        Ok(())
    }

    fn finish(self) -> Made {
        Ok(with_variant(self.variant, Value::Dict(self.pairs)))
    }
}

macro_rules! numbers {
    ($($name:ident: $number:ty => $make:expr),* $(,)?) => {
        $(fn $name(self, number: $number) -> Made {
            Ok($make(number.into()))
        })*
    };
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = ConversionError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Pairs;
    type SerializeStruct = Pairs;
    type SerializeStructVariant = Pairs;

    numbers! {
        serialize_i8: i8 => Value::Int,
        serialize_i16: i16 => Value::Int,
        serialize_i32: i32 => Value::Int,
        serialize_i64: i64 => Value::Int,
        serialize_i128: i128 => integer,
        serialize_u8: u8 => Value::Int,
        serialize_u16: u16 => Value::Int,
        serialize_u32: u32 => Value::Int,
        serialize_u64: u64 => integer,
        serialize_f32: f32 => Value::Float,
        serialize_f64: f64 => Value::Float,
    }

    fn serialize_u128(self, number: u128) -> Made {
        Ok(match i128::try_from(number) {
            Ok(number) => integer(number),
            Err(_) => {
                let sign = [0]; // It is positive, whatever its highest bit.
                Value::Long([&number.to_le_bytes()[..], &sign].concat())
            }
        })
    }

    fn serialize_bool(self, truth: bool) -> Made {
        Ok(truth.into())
    }

    fn serialize_char(self, c: char) -> Made {
        Ok(c.to_string().into())
    }

    fn serialize_str(self, text: &str) -> Made {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Made {
        Ok(Value::Bytes(bytes.into()))
    }

    fn serialize_none(self) -> Made {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made {
        value_of(value)
    }

    fn serialize_unit(self) -> Made {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(Value::None)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Made {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Made {
        value_of(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made {
        Ok(with_variant(Some(variant), value_of(value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, ConversionError> {
        Ok(Items::new(None, false))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, ConversionError> {
        Ok(Items::new(None, true))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items, ConversionError> {
        Ok(Items::new(None, true))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items, ConversionError> {
        Ok(Items::new(Some(variant), true))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs, ConversionError> {
        Ok(Pairs::new(None))
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Pairs, ConversionError> {
        Ok(Pairs::new(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Pairs, ConversionError> {
        Ok(Pairs::new(Some(variant)))
    }
}

macro_rules! items {
    ($($kind:ident::$push:ident),*) => {
        $(impl ser::$kind for Items {
            type Ok = Value;
            type Error = ConversionError;

            fn $push<T: Serialize + ?Sized>(
                &mut self,
                item: &T,
            ) -> Result<(), ConversionError> {
                self.push(item)
            }

            fn end(self) -> Made {
                self.finish()
            }
        })*
    };
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($kind:ident),*) => {
        $(impl ser::$kind for Pairs {
            type Ok = Value;
            type Error = ConversionError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), ConversionError> {
                self.push(name.into(), value)
            }

            fn end(self) -> Made {
                self.finish()
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Pairs {
    type Ok = Value;
    type Error = ConversionError;

    fn serialize_key<T: Serialize + ?Sized>(
        &mut self,
        key: &T,
    ) -> Result<(), ConversionError> {
        self.key = Some(value_of(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), ConversionError> {
        let key = self.key.take().expect("a key comes before its value");
        self.push(key, value)
    }

    fn end(self) -> Made {
        self.finish()
    }
}
