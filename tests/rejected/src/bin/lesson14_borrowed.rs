// error[E0373]: a thread may outlive the function that starts it.
use std::net::TcpListener;
use std::sync::Mutex;
use std::thread;

fn serve(listener: &TcpListener) {
    let tasks = Mutex::new(vec![3411, 1605, 1398]);
    while let Ok((client, _)) = listener.accept() {
        thread::spawn(|| {
            let task = tasks.lock().unwrap().pop();
            println!("{client:?} gets {task:?}");
        });
    }
}

fn main() {
    serve(&TcpListener::bind("127.0.0.1:0").unwrap());
}
