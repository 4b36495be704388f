//! Every transcript is the output of a part of its lesson, and the README
//! shows transcripts.

use super::Faults;
use super::recorded::RECORD;
use super::sources::{File, Sources, regex};

pub fn faults(sources: &Sources) -> Faults {
    let transcripts = sources.files("book/transcripts", "txt");
    let mut faults = faults_of_readme(sources, &transcripts);
    for transcript in &transcripts {
        let lesson = transcript.lesson();
        let first = transcript.first_line();
        let again = format!("{RECORD} {lesson}/{}", transcript.stem());
        let place = format!("{}:1", transcript.path);
        if transcript.text[first.len()..].trim().is_empty() {
            faults.push(format!("{place}: no output; {again}"));
        }
        let wrong = match Run::parse(first) {
            None => "no command that runs a lesson".into(),
            Some(run) if run.program != lesson && run.lesson != lesson => {
                format!("the command of {}, not of {lesson}", run.program)
            }
            Some(run) if run.exists(sources) => continue,
            Some(run) => format!("{lesson} has no part {}", run.part),
        };
        faults.push(format!("{place}: {wrong}; correct it, then {again}"));
    }
    faults
}

fn faults_of_readme(sources: &Sources, transcripts: &[File]) -> Faults {
    let readme = sources.text("README.md");
    let shown = regex(r"(?ms)^```(?:console|text)\n(\$ cargo run.*?)^```");
    let mut faults = Vec::new();
    for found in shown.captures_iter(&readme) {
        let block = found[1].trim_end();
        let line = readme[..found.get(1).map_or(0, |it| it.start())].lines();
        let place = format!("README.md:{}", line.count() + 1);
        let Some((first, _)) = block.split_once('\n') else {
            continue;
        };
        let same = transcripts.iter().filter(|it| it.first_line() == first);
        let same: Vec<_> = same.collect();
        if same.is_empty() {
            let remedy = "show a command that has one";
            faults.push(format!("{place}: no transcript of {first}; {remedy}"));
        } else if !same.iter().any(|it| it.text.trim_end() == block) {
            let path = &same[0].path;
            faults.push(format!("{place}: differs from {path}; copy that"));
        }
    }
    faults
}

/// What a transcript's first line runs.
pub struct Run {
    pub lesson: String,
    /// The lesson, or an example or a script in its folder.
    pub program: String,
    /// Empty when all of them run.
    pub part: String,
}

impl Run {
    fn parse(line: &str) -> Option<Self> {
        let line = line.split(" # status ").next().unwrap_or(line);
        let options = r"(?: --release| --features [a-z]+| --bench \w+)*";
        let rust = regex(&format!(
            r"^\$ cargo (?:run|bench) -p (\w+){options}(?: --example (\w+))?(?: -- (\w+)?.*)?$"
        ));
        let python = regex(
            r"^\$ python3[.0-9t]* lessons/(\w+)/(\w+)\.py(?: (\w+)?.*)?$",
        );
        let found = rust.captures(line).or_else(|| python.captures(line))?;
        let word = |n| found.get(n).map(|word| word.as_str().to_string());
        let lesson = word(1)?;
        let program = word(2).unwrap_or_else(|| lesson.clone());
        Some(Self { lesson, program, part: word(3).unwrap_or_default() })
    }

    /// Whether the program's `main` names this part, command, or role of a
    /// child.
    pub fn exists(&self, sources: &Sources) -> bool {
        let Self { lesson, program, part } = self;
        let files = match program == lesson {
            true => vec!["src/main.rs".into()],
            false => vec![
                format!("examples/{program}.rs"),
                format!("examples/{program}/main.rs"),
                format!("{program}.py"),
            ],
        };
        let text = |file| sources.text(&format!("lessons/{lesson}/{file}"));
        let text: String = files.into_iter().map(text).collect();
        let named =
            format!(r#"\.(part|role|command)\(\s*"{part}"|\bdef {part}\("#);
        let is_named = part.is_empty() || regex(&named).is_match(&text);
        !text.is_empty() && is_named
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::*;

    #[test]
    fn a_transcript_of_something_else_is_reported() {
        let twin = "book/transcripts/lesson00_fork/twin.txt";
        let breaks = [
            (TRANSCRIPT, "$ cargo run", "cargo run", "fork.txt:1: no command"),
            (TRANSCRIPT, "-- fork", "-- spoon", "no part spoon"),
            (TRANSCRIPT, "lesson00_fork", "lesson01_x", "of lesson01_x, not"),
            (TRANSCRIPT, "I am the parent", "", "no output; cargo run -p bo"),
            (twin, "fork.py fork", "fork.py spoon", "no part spoon"),
            (EXAMPLE, "--example states", "--example state", "of state, not"),
            (EXAMPLE, "-p lesson00_fork", "-p lesson01", "no part threads"),
            (EXAMPLE, "-- threads", "-- thread", "has no part thread;"),
            ("README.md", "the parent", "a child", "README.md:6: differs fr"),
            ("README.md", "-- fork", "-- join", "no transcript of $ cargo"),
        ];
        assert_reported(super::faults, &breaks);
    }
}
