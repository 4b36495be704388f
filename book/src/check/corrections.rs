//! Every correction of the documents is on its page, and leads to a chapter.

use super::Faults;
use super::sources::Sources;

const PAGE: &str = "book/en/corrections.md";
const COUNT: usize = 44;

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    let text = sources.text(PAGE);
    let mut entries = text.split("\n### ").skip(1);
    for n in 1..=COUNT {
        let entry = entries.next().unwrap_or_default();
        if !entry.starts_with(&format!("{n}. ")) {
            let wrong = format!("number {n} is not in its place");
            faults.push(format!("{PAGE}: {wrong}; number 1 to {COUNT}"));
        } else if !entry.contains(".md") || !entry.contains("](") {
            let wrong = format!("number {n} leads to no chapter");
            faults.push(format!("{PAGE}: {wrong}; link one"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_lost_correction_is_reported() {
        let page = super::PAGE;
        let breaks = [
            (page, "### 7. ", "### 8. ", "number 7 is not in its place"),
            (page, "44. x\n\n[A](", "44. x\n\nA(", "number 44 leads to no"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
