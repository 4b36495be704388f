//! Records again, from real runs, what the pages include: transcripts,
//! pictures, what the compiler says, and what CPython does.

use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::errors::{Error, Result};
use shared::timeline;

use crate::corrections;
use crate::files::{entries, has_ending, stem};
use crate::paths::relative;
use crate::process::run;
use crate::schedule;

/// One thing to record: its file, and how.
struct Recording {
    file: PathBuf,
    make: fn(&Path, &Path) -> Result<()>,
}

/// Records everything whose path below `book/` contains one of `names`, or
/// everything when there are none.
pub fn record(root: &Path, names: &[String]) -> Result<()> {
    let mut asked = recordings(root)?;
    for name in names {
        if !asked.iter().any(|one| path_in_book(root, one).contains(name)) {
            return Err(Error::msg(format!("nothing to record for {name}")));
        }
    }
    asked.retain(|one| {
        let path = path_in_book(root, one);
        names.is_empty() || names.iter().any(|name| path.contains(name))
    });
    let failed = asked.iter().filter(|one| !try_record(root, one)).count();
    match failed {
        0 => Ok(()),
        n => Err(Error::msg(format!("{n} not recorded"))),
    }
}

/// Records it, and says so, or says why not.
fn try_record(root: &Path, one: &Recording) -> bool {
    let path = path_in_book(root, one);
    let result = (one.make)(root, &one.file);
    match &result {
        Ok(()) => println!("recorded {path}"),
        Err(error) => eprintln!("book: {path}: {error:#}"),
    }
    result.is_ok()
}

/// Draws a part of a lesson, whether there was a picture of it or not.
pub fn picture(root: &Path, lesson: &str, part: &str) -> Result<()> {
    let file = root.join("book/pictures").join(lesson).join(part);
    let file = file.with_extension("svg");
    fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
    record_picture(root, &file)?;
    println!("recorded pictures/{lesson}/{part}.svg");
    Ok(())
}

/// Draws all pictures again from the spans that are kept next to them, and the
/// tables of schedules from their graphs.
pub fn draw(root: &Path) -> Result<()> {
    for lesson in entries(&root.join("book/schedules"))? {
        let graphs = entries(&lesson)?.into_iter();
        for graph in graphs.filter(|file| has_ending(file, "json")) {
            draw_schedules(&graph)?;
        }
    }
    for lesson in entries(&root.join("book/pictures"))? {
        let tables = entries(&lesson)?.into_iter();
        for table in tables.filter(|file| has_ending(file, "tsv")) {
            draw_picture(&table.with_extension("svg"))?;
        }
    }
    Ok(())
}

fn path_in_book(root: &Path, one: &Recording) -> String {
    let path = one.file.strip_prefix(root.join("book"));
    path.expect("all of them lie there").display().to_string()
}

/// Everything that can be recorded: the transcripts and pictures that are
/// there, the compiler's message about each program that it must refuse, and
/// the output of each correction.
fn recordings(root: &Path) -> Result<Vec<Recording>> {
    let mut all = Vec::new();
    for (folder, ending, make) in [
        ("transcripts", "txt", record_transcript as fn(&Path, &Path) -> _),
        ("pictures", "svg", record_picture),
        ("schedules", "json", record_schedules),
    ] {
        for lesson in entries(&root.join("book").join(folder))? {
            let files = entries(&lesson)?.into_iter();
            let files = files.filter(|f| has_ending(f, ending));
            all.extend(files.map(|file| Recording { file, make }));
        }
    }
    for program in entries(&root.join("tests/rejected/src/bin"))? {
        let text = fs::read_to_string(&program)?;
        if has_ending(&program, "rs") && !text.starts_with("// accepted") {
            let file = root.join("book/rejected").join(stem(&program));
            let file = file.with_extension("txt");
            let make = record_refusal;
            all.push(Recording { file, make });
        }
    }
    let scripts = corrections::scripts(root)?.into_iter();
    all.extend(scripts.map(|script| {
        let file = script.with_extension("txt");
        Recording { file, make: record_correction }
    }));
    Ok(all)
}

/// Runs the command on the file's first line again, and records the output.
fn record_transcript(root: &Path, file: &Path) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let first = text.lines().next().unwrap_or_default();
    let (words, wanted) = command_of(first)?;
    let (status, output) = run(root, &words)?;
    if status.code() != Some(wanted) {
        let end = format!("ended with {status}, not {wanted}");
        return Err(Error::msg(format!("{first}: {end}:\n{output}")));
    }
    fs::write(file, format!("{first}\n{}", relative(&output, root)))?;
    Ok(())
}

/// The words of `$ COMMAND`, or of `$ COMMAND # status N`, and the status.
fn command_of(line: &str) -> Result<(Vec<&str>, i32)> {
    let fault = |what| Error::msg(format!("first line {line:?}: {what}"));
    let command = line.strip_prefix("$ ");
    let command = command.ok_or_else(|| fault("no command after \"$ \""))?;
    let (command, status) = match command.split_once('#') {
        None => (command, 0),
        Some((command, comment)) => {
            let status = comment.trim().strip_prefix("status ");
            let status = status.and_then(|n| n.parse().ok());
            (command, status.ok_or_else(|| fault("no \"# status N\""))?)
        }
    };
    let mut words: Vec<_> = command.split_whitespace().collect();
    match words[..] {
        // Cargo's own lines are not the lesson's.
        ["cargo", "run" | "bench", ..] => words.insert(2, "--quiet"),
        [python, ..] if python.starts_with("python3") => {}
        _ => return Err(fault("neither cargo run, cargo bench nor python3")),
    }
    Ok((words, status))
}

/// Records the graph of all schedules of a part, and the page's part of it.
fn record_schedules(root: &Path, file: &Path) -> Result<()> {
    let (lesson, part) = schedule::part(file);
    let cargo = ["cargo", "run", "--quiet", "-p", lesson, "--", part];
    let words = [&cargo[..], &["--schedule", "all"]].concat();
    let (status, output) = run(root, &words)?;
    if !status.success() {
        let fault = format!("{lesson} {part}: {status}:\n{output}");
        return Err(Error::msg(fault));
    }
    fs::write(file, output)?;
    draw_schedules(file)
}

fn draw_schedules(file: &Path) -> Result<()> {
    let html = schedule::html(file, &fs::read_to_string(file)?)?;
    fs::write(file.with_extension("html"), html)?;
    Ok(())
}

/// Records the spans of a run, and draws them.
fn record_picture(root: &Path, file: &Path) -> Result<()> {
    let lesson = file.parent().expect("it lies in its lesson's folder");
    let option = format!("--timeline={}", file.with_extension("tsv").display());
    let lesson = stem(lesson);
    let part = stem(file);
    let cargo = ["cargo", "run", "--quiet", "-p", lesson, "--", part];
    let words = [&cargo[..], &[&option]].concat();
    let (status, output) = run(root, &words)?;
    match status.success() {
        true => draw_picture(file),
        false => {
            Err(Error::msg(format!("{lesson} {part}: {status}:\n{output}")))
        }
    }
}

fn draw_picture(file: &Path) -> Result<()> {
    let table = file.with_extension("tsv");
    let pictures = timeline::from_tsv(&fs::read_to_string(&table)?);
    let pictures = pictures
        .map_err(|e| Error::msg(format!("{}: {e}", table.display())))?;
    fs::write(file, timeline::svg(&pictures))?;
    Ok(())
}

/// Records the compiler's message about the program that has `file`'s name.
fn record_refusal(root: &Path, file: &Path) -> Result<()> {
    let name = stem(file);
    let target = root.join("target/rejected").display().to_string();
    let check = ["cargo", "check", "--quiet", "--color", "never"];
    let of_program = ["--bin", name, "--target-dir", &target];
    let words = [&check[..], &of_program].concat();
    let (status, output) = run(&root.join("tests/rejected"), &words)?;
    if status.success() {
        return Err(Error::msg("the compiler accepts it"));
    }
    let of_cargo = |line: &&str| line.starts_with("error: could not compile");
    let lines = output.lines().filter(|line| !of_cargo(line));
    let output: String = lines.flat_map(|line| [line, "\n"]).collect();
    let output = relative(output.trim_end(), root);
    fs::create_dir_all(root.join("book/rejected"))?;
    fs::write(file, format!("$ cargo check --bin {name}\n{output}\n"))?;
    Ok(())
}

/// Keeps what the script next to `file` shows on each CPython.
fn record_correction(root: &Path, file: &Path) -> Result<()> {
    let table = corrections::run(root, &file.with_extension("py"))?;
    let command = format!("$ cargo run -p book -- corrections {}", stem(file));
    fs::write(file, format!("{command}\n{}", relative(&table, root)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_say_how_it_ends() {
        let (words, status) =
            command_of("$ python3 a.py b # status 3").unwrap();
        assert_eq!((words, status), (vec!["python3", "a.py", "b"], 3));
        let (words, status) = command_of("$ cargo run -p a -- b").unwrap();
        let all = ["cargo", "run", "--quiet", "-p", "a", "--", "b"];
        assert_eq!((&words[..], status), (&all[..], 0));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in ["", "cargo run", "$ ls", "$ cargo run # it fails"] {
            command_of(line).expect_err(line);
        }
    }
}
