// error[E0382]: what was sent belongs to whoever takes it.
use std::sync::mpsc;

fn main() {
    let (to_queue, from_queue) = mpsc::channel();
    let mut parcel = vec!["tea"];
    to_queue.send(parcel).unwrap();
    parcel.push("sugar");
    println!("{:?}", from_queue.recv().unwrap());
}
