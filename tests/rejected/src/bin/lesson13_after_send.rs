// error[E0382]: an item that was sent belongs to its receiver.
use std::sync::mpsc;

fn main() {
    let (to_queue, from_queue) = mpsc::channel();
    let mut parcel = vec!["tea"];
    to_queue.send(parcel).unwrap();
    parcel.push("sugar");
    println!("{:?}", from_queue.recv().unwrap());
}
