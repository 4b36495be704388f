// error[E0594]: what several processes reach, none of them may simply change.
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
