// error[E0277]: a copy may leave `with`, and still not its thread.
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
