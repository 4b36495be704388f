// error[E0277]: a static is shared by all threads, and a Cell is for one.
use std::cell::Cell;

static STUDENT: Cell<Option<&str>> = Cell::new(None);

fn main() {
    STUDENT.set(Some("ABC"));
    println!("Hello, {:?}", STUDENT.get());
}
