// error[E0277]: threads may not share a RefCell.
use std::cell::RefCell;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tasks = Arc::new(RefCell::new(vec![3411, 1605, 1398]));
    while let Ok((client, _)) = listener.accept() {
        let tasks = Arc::clone(&tasks);
        thread::spawn(move || {
            let task = tasks.borrow_mut().pop();
            println!("{client:?} gets {task:?}");
        });
    }
}
