//! Types of one's own, there and back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use pymanagers::{Class, Construct, Object, Value, from_value, to_value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[track_caller]
fn hold<T: Debug + PartialEq + DeserializeOwned + Serialize>(
    value: T,
    python: &str,
) {
    let converted = to_value(&value).unwrap();
    assert_eq!(converted.to_string(), python);
    assert_eq!(from_value::<T>(converted).unwrap(), value);
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Unit;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct New(u8);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Pair(u8, String);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i8, i8),
    Rectangle { width: u16, height: u16 },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Task {
    id: u64,
    name: String,
    retry: Option<bool>,
    shapes: Vec<Shape>,
    counts: BTreeMap<String, i32>,
}

#[test]
fn every_type_comes_back() {
    hold(true, "True");
    hold(-7_i8, "-7");
    hold(i64::MIN, "-9223372036854775808");
    hold(u64::MAX, "18446744073709551615");
    hold(i128::MIN, &i128::MIN.to_string());
    hold(u128::MAX, "an int of 17 bytes");
    hold(2.5, "2.5");
    hold('x', "'x'");
    hold("两点水".to_string(), "'两点水'");
    hold((), "None");
    hold(Some(1), "1");
    hold(None::<i32>, "None");
    hold(vec![1, 2], "[1, 2]");
    hold((1, "two".to_string()), "(1, 'two')");
    hold([1, 2], "(1, 2)");
    hold(BTreeSet::from([2, 1]), "[1, 2]");
    hold(BTreeMap::from([(1, 2.5)]), "{1: 2.5}");
    hold(Unit, "None");
    hold(New(7), "7");
    hold(Pair(7, "x".into()), "(7, 'x')");
    hold(Shape::Point, "'Point'");
    hold(Shape::Circle(1.5), "{'Circle': 1.5}");
    hold(Shape::Line(1, 2), "{'Line': (1, 2)}");
    let width = 1;
    let height = 2;
    let rectangle = "{'Rectangle': {'width': 1, 'height': 2}}";
    hold(Shape::Rectangle { width, height }, rectangle);
    let task = Task {
        id: 7,
        name: "it's".into(),
        retry: None,
        shapes: vec![Shape::Point],
        counts: BTreeMap::from([("a".to_string(), 1)]),
    };
    hold(
        task,
        "{'id': 7, 'name': \"it's\", 'retry': None, 'shapes': ['Point'], \
         'counts': {'a': 1}}",
    );
}

#[test]
fn python_need_not_be_exact() {
    let numbers = || vec![1.into(), 2.into()];
    for sequence in [
        Value::Tuple(numbers()),
        Value::List(numbers()),
        Value::Set(numbers()),
        Value::Bytes(vec![1, 2]),
    ] {
        assert_eq!(from_value::<Vec<u8>>(sequence).unwrap(), [1, 2]);
    }
    assert_eq!(from_value::<f64>(2.into()).unwrap(), 2.0);
    let googol = Value::Long([&[0; 12][..], &[1]].concat());
    assert_eq!(from_value::<f64>(googol).unwrap(), 2_f64.powi(96));
}

fn collections(name: &str) -> Object {
    Object::call(Class::new("collections", name), Vec::new())
}

#[test]
fn pythons_collections_are_dicts_and_lists() {
    let pairs = || vec![("a".into(), 1.into())];
    let list = Value::Class(Class::new("builtins", "list"));
    for dict in [
        Object { pairs: pairs(), ..collections("OrderedDict") },
        Object {
            args: vec![list],
            pairs: pairs(),
            ..collections("defaultdict")
        },
        Object { args: vec![Value::Dict(pairs())], ..collections("Counter") },
        Object {
            construct: Construct::New,
            state: Some(Value::Dict(pairs())),
            ..Object::call(Class::new("__main__", "Task"), Vec::new())
        },
    ] {
        let read: BTreeMap<String, i32> = from_value(dict.into()).unwrap();
        assert_eq!(read, BTreeMap::from([("a".to_string(), 1)]));
    }
    let items = || vec![1.into(), 2.into()];
    for list in [
        Object { items: items(), ..collections("deque") },
        Object {
            construct: Construct::New,
            args: items(),
            ..Object::call(Class::new("__main__", "Point"), Vec::new())
        },
    ] {
        assert_eq!(from_value::<Vec<i32>>(list.into()).unwrap(), [1, 2]);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let refuse = |value: Value| from_value::<u8>(value).unwrap_err();
    let expected = "invalid value: integer `256`, expected u8";
    assert_eq!(refuse(256.into()).to_string(), expected);
    let expected = "invalid type: string \"x\", expected u8";
    assert_eq!(refuse("x".into()).to_string(), expected);
    let decimal = Object::exception("decimal", "Decimal", vec!["1".into()]);
    let expected = "Rust does not know decimal.Decimal('1')";
    assert_eq!(refuse(decimal.into()).to_string(), expected);
    assert!(from_value::<u128>(Value::Long(vec![1; 18])).is_err());
    assert!(from_value::<u128>(Value::Long(vec![0xff; 9])).is_err());
    let five_and_2_to_128 = [&[5][..], &[0; 15], &[1]].concat();
    assert!(from_value::<u128>(Value::Long(five_and_2_to_128)).is_err());
    assert!(from_value::<Shape>(Value::Dict(vec![])).is_err());
    assert!(from_value::<Shape>("Circle".into()).is_err());
}
