// error[E0277]: how many chunks does an endless range have?
fn map(args: impl ExactSizeIterator<Item = u32>) -> Vec<u32> {
    println!("{} chunks of ten", args.len().div_ceil(10));
    args.map(|n| n * n).collect()
}

fn main() {
    println!("{:?}", map(0..100));
    println!("{:?}", map(0..));
}
