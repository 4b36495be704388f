// error[E0728]: only async code may await.
async fn ask() -> usize {
    64
}

fn one_more() -> usize {
    ask().await + 1
}

fn main() {
    println!("{}", one_more());
}
