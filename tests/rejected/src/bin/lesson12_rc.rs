// error[E0277]: a clone of an Rc may leave `with`, but not its thread.
use std::rc::Rc;
use std::thread;

thread_local! {
    static STUDENT: Rc<str> = "ABC".into();
}

fn main() {
    let student = STUDENT.with(Rc::clone);
    let thread = thread::spawn(move || println!("Hello, {student}"));
    thread.join().unwrap();
}
