//! The lines that a reader sees: those of the file that is compiled.

/// A file of Rust, formatted as `cargo fmt` does.
pub(super) struct Source(pub &'static str);

impl Source {
    /// The step that `thread` takes in a line, without the gate before it.
    pub fn step(&self, thread: &str, line: u32) -> String {
        let text = self.line(line).trim();
        without_gate(text, thread).unwrap_or_else(|| text.into())
    }

    /// The lines inside the function that has this line, and the number of
    /// the first.
    pub fn function(&self, thread: &str, line: u32) -> (u32, Vec<String>) {
        let is_edge = |n: &u32| !self.line(*n).starts_with([' ', '\n']);
        let first = (1..line).rev().find(is_edge).map_or(1, |n| n + 1);
        let end = (line..).find(is_edge).unwrap_or(line);
        let body = (first..end).map(|n| {
            let line = self.line(n);
            let text = without_gate(line, thread).unwrap_or(line.into());
            text.strip_prefix("    ").unwrap_or(&text).trim_end().into()
        });
        (first, body.collect())
    }

    /// A line with its end, counted from 1; after the last, none.
    fn line(&self, n: u32) -> &str {
        self.0.split_inclusive('\n').nth(n as usize - 1).unwrap_or_default()
    }
}

/// `x = t1.step(|| y);` is `x = y;` at the turn of `t1`.
fn without_gate(line: &str, thread: &str) -> Option<String> {
    let (before, rest) = line.split_once(".step(|| ")?;
    let before = before.strip_suffix(thread).or(before.strip_suffix("me"))?;
    let mut open = 1;
    let end = rest.find(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open == 0
    })?;
    Some(format!("{before}{}{}", &rest[..end], &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_taken_off_a_step() {
        let step = |line| without_gate(line, "t1").unwrap();
        let line = "    let x = t1.step(|| a.load(Relaxed)) + 1;\n";
        assert_eq!(step(line), "    let x = a.load(Relaxed) + 1;\n");
        assert_eq!(step("if me.step(|| a()) {"), "if a() {");
        assert_eq!(without_gate("t1.lock(a);", "t1"), None);
    }

    #[test]
    fn a_function_is_found_by_one_of_its_lines() {
        let source = Source("use x;\n\nfn t1() {\n    a();\n\n    b();\n}\n");
        let body = vec!["a();".into(), "".into(), "b();".into()];
        assert_eq!(source.function("t1", 6), (4, body));
    }
}
