// error[E0308]: without an await there is a future, not a result.
async fn ask() -> usize {
    64
}

async fn one_more() -> usize {
    let answer: usize = ask();
    answer + 1
}

fn main() {
    let _later = one_more();
}
