// error[E0594]: memory that several processes share is not simply assigned to.
struct Shared {
    counter: u64,
}

fn add(shared: &Shared) {
    shared.counter += 1;
}

fn main() {
    let shared = Shared { counter: 0 };
    add(&shared);
    println!("The counter is {}", shared.counter);
}
