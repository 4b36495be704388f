//! Every message of the compiler quotes the program that it is of.

use super::Faults;
use super::recorded::RECORD;
use super::sources::{File, Sources, regex};

pub fn faults(sources: &Sources) -> Faults {
    let mut faults = Vec::new();
    for message in sources.files("book/rejected", "txt") {
        let path = &message.path;
        let name = message.stem();
        let text = sources.text(&format!("tests/rejected/src/bin/{name}.rs"));
        if text.starts_with("// accepted") {
            faults.push(format!("{path}: {name} is accepted; remove it"));
        }
        for (line, at) in differences(&message, &text) {
            let wrong = format!("not line {at} of the program");
            faults.push(format!("{path}:{line}: {wrong}; {RECORD} {name}"));
        }
    }
    faults
}

/// Where a message quotes what is no longer that line of the program. Below a
/// `help:` it shows what the lines could be instead.
fn differences(message: &File, program: &str) -> Vec<(usize, usize)> {
    let ours = format!("src/bin/{}.rs:", message.stem());
    let quote = regex(r"^ *(\d+) \| (.*)$");
    let program: Vec<_> = program.lines().map(without_frame).collect();
    let mut differences = Vec::new();
    let mut is_ours = false;
    for (line, text) in message.lines() {
        if text.starts_with("help: ") {
            is_ours = false;
        } else if text.contains("--> ") || text.contains("::: ") {
            is_ours = text.contains(&ours);
        } else if let Some(quote) = quote.captures(text).filter(|_| is_ours) {
            let at: usize = quote[1].parse().expect("they are digits");
            if program.get(at - 1) != Some(&without_frame(&quote[2])) {
                differences.push((line, at));
            }
        }
    }
    differences
}

/// A line without its indentation, and without what the compiler draws there.
fn without_frame(line: &str) -> &str {
    line.trim_start_matches([' ', '|', '/', '_']).trim_end()
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_message_of_another_program_is_reported() {
        let differs = "fork.txt:5: not line 3 of the program; cargo run -p";
        let breaks = [
            (REFUSED, "fork();", "spoon();", differs),
            (REFUSED, "fn main", "\nfn main", differs),
            (REFUSED, "// error", "// accepted", "unsafe_fork is accepted"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
