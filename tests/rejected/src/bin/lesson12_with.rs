// error[E0521]: the value may be used inside `with` only.
use std::cell::RefCell;

thread_local! {
    static STUDENT: RefCell<String> = RefCell::new("ABC".into());
}

fn main() {
    let mut taken_out = None;
    STUDENT.with(|student| taken_out = Some(student));
    println!("Hello, {taken_out:?}");
}
