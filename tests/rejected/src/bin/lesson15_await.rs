// error[E0728]: only what is async may await.
async fn ask() -> usize {
    64
}

fn one_more() -> usize {
    ask().await + 1
}

fn main() {
    println!("{}", one_more());
}
