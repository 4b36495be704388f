//! The book, the README and what they include: nothing is missing, nothing is
//! left over, and nothing on a page differs from what it was recorded from.
//!
//! Each check returns a list of faults. It is held against the project, and
//! against a small project that is sound, and then broken in one place.

#[path = "../book/src/chart.rs"]
mod chart;
#[path = "../book/src/measure/tables.rs"]
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use mdbook_driver::MDBook;
use regex_lite::{Captures, Regex};
use shared::timeline;
use tempfile::TempDir;

/// All lessons, written or not, in their order.
const LESSONS: [&str; 16] = [
    "lesson00_fork",
    "lesson01_process",
    "lesson02_daemon",
    "lesson03_join",
    "lesson04_pool",
    "lesson05_subprocess",
    "lesson06_process_queue",
    "lesson07_threads",
    "lesson08_lock",
    "lesson09_rlock",
    "lesson10_condition",
    "lesson11_event",
    "lesson12_thread_local",
    "lesson13_producer_consumer",
    "lesson14_distributed",
    "lesson15_choosing",
];

type Faults = Vec<String>;

// Includes and anchors.

#[test]
fn every_include_names_a_file_and_an_anchor_pair() {
    assert_sound(faults_of_includes);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_includes, file, old, new, fault);
    };
    reports(PAGE, "main.rs:fork", "main.rs:spoon", "no anchor spoon");
    reports(PAGE, "src/main.rs:fork", "src/gone.rs:fork", "no file lessons/");
    reports(PAGE, "main.rs:fork", "main.rs:5", "by its line numbers");
    reports(PAGE, "main.rs:fork", "main.rs", "shows its anchors");
    reports(MAIN, "// ANCHOR_END: fork", "", "1 and 0, not one");
    reports(MAIN, "fn fork() {}", "", "nothing between");
    reports(MAIN, "fn main", "// ANCHOR: fork\nfn main", "2 and 1, not one");
    let project = Project::sound();
    project.replace(MAIN, "ANCHOR_END", "ANCHOR_LAST");
    project.replace(MAIN, "ANCHOR:", "ANCHOR_END:");
    project.replace(MAIN, "ANCHOR_LAST", "ANCHOR");
    let faults = faults_of_includes(project.root());
    assert!(faults[0].contains("1 and 1, not one"), "{faults:?}");
}

fn faults_of_includes(root: &Path) -> Faults {
    let includes = includes(root).into_iter();
    includes
        .filter_map(|include| {
            let fault = fault_of_include(root, &include)?;
            Some(format!("{}:{}: {fault}", include.page, include.line))
        })
        .collect()
}

fn fault_of_include(root: &Path, include: &Include) -> Option<String> {
    let file = include.file.display();
    let Ok(text) = fs::read_to_string(root.join(&include.file)) else {
        return Some(format!("no file {file}"));
    };
    let Some(anchor) = &include.anchor else {
        let shows = text.contains("ANCHOR:");
        return shows.then(|| format!("{file} shows its anchors"));
    };
    if anchor.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return Some(format!("{file} is included by its line numbers"));
    }
    let fault = fault_of_anchor(&text, anchor)?;
    Some(format!("{fault} in {file}"))
}

fn fault_of_anchor(text: &str, anchor: &str) -> Option<String> {
    let starts = marks(text, "ANCHOR", anchor);
    let ends = marks(text, "ANCHOR_END", anchor);
    match (&starts[..], &ends[..]) {
        ([], []) => Some(format!("no anchor {anchor}")),
        ([start], [end]) if start < end => {
            let is_empty = block(text, *start, *end).trim().is_empty();
            is_empty.then(|| format!("nothing between {anchor}"))
        }
        (starts, ends) => {
            let (starts, ends) = (starts.len(), ends.len());
            let pair = "one ANCHOR and one ANCHOR_END after it";
            Some(format!("{starts} and {ends}, not {pair}, of {anchor}"))
        }
    }
}

#[test]
fn every_anchor_is_around_an_item_of_its_name_and_on_a_page() {
    assert_sound(faults_of_anchors);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_anchors, file, old, new, fault);
    };
    reports(MAIN, "fn fork() {}", "fn spoon() {}", "no item fork");
    reports(PYTHON, "def fork", "def spoon", "no item fork");
    reports(PAGE, "main.rs:fork", "main.rs:main", "fork is on no page");
    let many =
        "// ANCHOR: a\n// ANCHOR: b\n// ANCHOR: c\n// ANCHOR: d\nfn main";
    reports(MAIN, "fn main", many, "5 anchors");
}

fn faults_of_anchors(root: &Path) -> Faults {
    let includes = includes(root);
    let mut faults = Vec::new();
    for (path, text) in lesson_sources(root) {
        let anchors = all_marks(&text, "ANCHOR");
        // A page shows little of a program at a time; a twin may have one
        // anchor for each part, as it is one file.
        let most = if path.ends_with(".py") { 6 } else { 4 };
        if anchors.len() > most {
            faults.push(format!("{path}: {} anchors", anchors.len()));
        }
        for (line, anchor) in anchors {
            let is_this = |include: &&Include| {
                include.file == Path::new(&path)
                    && include.anchor.as_ref() == Some(&anchor)
            };
            if !includes.iter().any(|include| is_this(&include)) {
                faults.push(format!("{path}:{line}: {anchor} is on no page"));
            }
            let ends = marks(&text, "ANCHOR_END", &anchor);
            let end = ends.first().copied().unwrap_or(line);
            if !has_item(block(&text, line, end), &anchor) {
                faults.push(format!("{path}:{line}: no item {anchor}"));
            }
        }
    }
    faults
}

/// Whether something in Rust or Python has this name.
fn has_item(text: &str, name: &str) -> bool {
    let kinds = "fn|struct|enum|trait|const|static|type|def|class";
    let item = regex(&format!(r"\b({kinds}) (r#)?{name}\b"));
    item.is_match(text)
}

#[test]
fn no_included_source_is_wider_than_80_columns() {
    assert_sound(faults_of_width);
    let wide = format!("fn fork() {{}} // {}", "x".repeat(80));
    let (old, new) = ("fn fork() {}", wide.as_str());
    assert_reported(faults_of_width, MAIN, old, new, "96 columns");
}

fn faults_of_width(root: &Path) -> Faults {
    let included: BTreeSet<_> =
        includes(root).into_iter().map(|include| include.file).collect();
    let mut faults = Vec::new();
    for (path, text) in lesson_sources(root) {
        for (line, width) in (1..).zip(text.lines().map(|l| l.chars().count()))
        {
            if width > 80 && included.contains(Path::new(&path)) {
                faults.push(format!("{path}:{line}: {width} columns"));
            }
        }
    }
    faults
}

// Pages and lessons.

#[test]
fn every_page_is_in_the_summary_and_the_reverse() {
    assert_sound(faults_of_summary);
    let entry = "- [Fork](lesson00_fork.md)";
    let summary = "book/en/SUMMARY.md";
    let fault = "lesson00_fork.md: not in SUMMARY.md";
    assert_reported(faults_of_summary, summary, entry, "", fault);
    let more = format!("{entry}\n- [Join](lesson03_join.md)");
    let fault = "no page lesson03_join.md";
    assert_reported(faults_of_summary, summary, entry, &more, fault);
}

fn faults_of_summary(root: &Path) -> Faults {
    let summary = read(&root.join("book/en/SUMMARY.md"));
    let link = regex(r"\]\(([^)]+\.md)\)");
    let listed = link.captures_iter(&summary).map(|link| link[1].to_string());
    let listed: BTreeSet<_> = listed.collect();
    let pages = pages(root).into_iter().map(|page| page.name);
    // The page for what is not there has no place in the book.
    let apart = ["SUMMARY.md", "404.md"];
    let pages: BTreeSet<_> =
        pages.filter(|name| !apart.contains(&&**name)).collect();
    let lost = pages.difference(&listed);
    let lost = lost.map(|page| format!("book/en/{page}: not in SUMMARY.md"));
    let absent = listed.difference(&pages);
    let absent = absent.map(|page| format!("SUMMARY.md: no page {page}"));
    lost.chain(absent).collect()
}

#[test]
fn every_lesson_has_its_chapter_its_test_its_twin_and_its_row() {
    assert_sound(faults_of_lessons);
    for file in [PAGE, PYTHON, "tests/lesson00_fork.rs"] {
        let project = Project::sound();
        project.remove(file);
        let faults = faults_of_lessons(project.root());
        assert_eq!(faults, [format!("lessons/lesson00_fork: no {file}")]);
    }
    let reports = |old, new, fault| {
        assert_reported(faults_of_lessons, "README.md", old, new, fault);
    };
    reports("(book/en/lesson00_fork.md)", "(x.md)", "links its chapter");
    reports(
        "| lesson09_rlock (to come)",
        "| (to come)",
        "lesson09_rlock: no row",
    );
    reports("lesson09_rlock (to come)", "lesson09_rlock", "to come");
}

fn faults_of_lessons(root: &Path) -> Faults {
    let readme = read(&root.join("README.md"));
    let written = entries(&root.join("lessons")).into_iter();
    let written: BTreeSet<_> = written.map(|folder| name(&folder)).collect();
    let mut faults = Vec::new();
    for lesson in &written {
        let twin = format!("lessons/{lesson}/{lesson}.py");
        let page = format!("book/en/{lesson}.md");
        for file in [page, format!("tests/{lesson}.rs"), twin] {
            if !root.join(&file).is_file() {
                faults.push(format!("lessons/{lesson}: no {file}"));
            }
        }
    }
    let planned = LESSONS.map(String::from).into();
    for lesson in written.union(&planned) {
        let is_written = written.contains(lesson);
        faults.extend(fault_of_row(&readme, lesson, is_written));
    }
    faults
}

/// What is wrong with a lesson's row in the table of the README.
fn fault_of_row(readme: &str, lesson: &str, written: bool) -> Option<String> {
    let row = regex(&format!(r"(?m)^\|.*\b{lesson}\b.*$"));
    let Some(row) = row.find(readme).map(|row| row.as_str()) else {
        return Some(format!("README.md: {lesson}: no row in the table"));
    };
    let link = format!("(book/en/{lesson}.md)");
    match (written, row.contains(&link), row.contains("to come")) {
        (true, true, false) | (false, false, true) => None,
        (true, ..) => {
            Some(format!("README.md: {lesson}: no row that links its chapter"))
        }
        (false, ..) => {
            Some(format!("README.md: {lesson}: its row must say \"to come\""))
        }
    }
}

// What was recorded.

#[test]
fn every_transcript_is_of_a_part_and_on_a_page() {
    assert_sound(faults_of_transcripts);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_transcripts, file, old, new, fault);
    };
    reports(TRANSCRIPT, "$ cargo run", "cargo run", "no command");
    reports(TRANSCRIPT, "-- fork", "-- spoon", "no part spoon");
    reports(TRANSCRIPT, "lesson00_fork", "lesson01_fork", "another lesson");
    reports(TRANSCRIPT, "I am the parent", "", "no output");
    reports(PAGE, "{{#include ../transcripts", "{{../trans", "on no page");
    let python = "python3 lessons/lesson00_fork/lesson00_fork.py fork";
    let rust = "cargo run -p lesson00_fork -- fork";
    let project = Project::sound();
    project.replace(TRANSCRIPT, rust, python);
    assert_eq!(faults_of_transcripts(project.root()), Faults::new());
    reports(EXAMPLE, "--example states", "--example state", "another lesson");
    reports(EXAMPLE, "-p lesson00_fork", "-p lesson01", "no part threads");
    reports(EXAMPLE, "-- threads", "-- thread", "no part thread");
    let project = Project::sound();
    project.remove("lessons/lesson00_fork/examples/states/main.rs");
    project.write("lessons/lesson00_fork/states.py", "def threads():\n");
    let rust = "cargo run -p lesson00_fork --example states --";
    let python = "python3 lessons/lesson00_fork/states.py";
    project.replace(EXAMPLE, rust, python);
    assert_eq!(faults_of_transcripts(project.root()), Faults::new());
}

fn faults_of_transcripts(root: &Path) -> Faults {
    let transcripts = recorded(root, "transcripts", "txt");
    let mut faults = on_no_page(root, transcripts.clone());
    for (path, text) in transcripts {
        let lesson = lesson_of(&path);
        let (first, output) = text.split_once('\n').unwrap_or((&text, ""));
        if output.trim().is_empty() {
            faults.push(format!("{path}:1: no output"));
        }
        let fault = match command(first) {
            None => "no command to run a lesson".into(),
            Some((_, of, _)) if of != lesson => {
                "the command of another lesson".into()
            }
            Some((in_, of, part)) if has_part(root, &in_, &of, &part) => {
                continue;
            }
            Some((.., part)) => format!("{lesson} has no part {part}"),
        };
        faults.push(format!("{path}:1: {fault}"));
    }
    faults
}

/// What a transcript's first line runs: the lesson that it is in, the program,
/// which is that lesson, an example or a script of it, and the part. Without a
/// part all of them run, and the part is empty.
fn command(line: &str) -> Option<(String, String, String)> {
    let line = line.split(" # status ").next().unwrap_or(line);
    let options = "(?: --release| --features [a-z]+| --bench [a-z]+)*";
    let example = r"(?: --example (\w+))?";
    let rust = regex(&format!(
        r"^\$ cargo (?:run|bench) -p (\w+){options}{example}(?: -- (\w+)?.*)?$"
    ));
    let python = regex(r"^\$ python3 lessons/(\w+)/(\w+)\.py(?: (\w+)?.*)?$");
    let found = rust.captures(line).or_else(|| python.captures(line))?;
    let word = |n, default| {
        found.get(n).map_or(default, |word| word.as_str()).to_string()
    };
    Some((word(1, ""), word(2, &found[1]), word(3, "")))
}

/// Whether the lesson's `main` names this part, command, or role of a child; or that
/// of the example or the script, where it is one.
fn has_part(root: &Path, lesson: &str, program: &str, part: &str) -> bool {
    let files = match program == lesson {
        true => vec!["src/main.rs".into()],
        false => vec![
            format!("examples/{program}.rs"),
            format!("examples/{program}/main.rs"),
            format!("{program}.py"),
        ],
    };
    let folder = root.join("lessons").join(lesson);
    let text = files.iter().map(|file| read(&folder.join(file)));
    let text: String = text.collect();
    let named = format!(r#"\.(part|role|command)\(\s*"{part}"|\bdef {part}\("#);
    !text.is_empty() && (part.is_empty() || regex(&named).is_match(&text))
}

#[test]
fn every_picture_is_sound_and_on_a_page() {
    assert_sound(faults_of_pictures);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_pictures, file, old, new, fault);
    };
    reports(PICTURE, "<desc", "<p", "no <desc");
    reports(PICTURE, "role=\"img\"", "", "no role=\"img\"");
    reports(PICTURE, "<title", "\n\n<title", "fork.svg:2: a blank line");
    reports(PAGE, "{{#include ../pictures", "{{../pict", "on no page");
    reports(MAIN, "\"fork\"", "\"spoon\"", "no part fork");
}

#[test]
fn every_picture_is_drawn_from_the_spans_beside_it() {
    assert_sound(faults_of_spans);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_spans, file, old, new, fault);
    };
    reports(PICTURE, "width=\"630.0\"", "width=\"603.0\"", "fork.svg: differs");
    reports(SPANS, "2.000000", "1.500000", "fork.svg: differs");
    reports(SPANS, "forks", "joins", "fork.svg: differs");
    reports(SPANS, "lesson00_fork fork", "lesson00_fork x", "not of this part");
    reports(SPANS, "\twork", "\tplay", "fork.tsv: line 2: no span");
    for (lost, left) in [(PICTURE, SPANS), (SPANS, PICTURE)] {
        let project = Project::sound();
        project.remove(lost);
        let faults = faults_of_spans(project.root());
        assert_eq!(faults, [format!("{left}: no {lost}")]);
    }
}

/// `cargo run -p book -- draw` draws them again.
fn faults_of_spans(root: &Path) -> Faults {
    let mut faults = Vec::new();
    for (path, svg) in recorded(root, "pictures", "svg") {
        let spans = format!("{}.tsv", path.trim_end_matches(".svg"));
        let Ok(table) = fs::read_to_string(root.join(&spans)) else {
            faults.push(format!("{path}: no {spans}"));
            continue;
        };
        let part = format!("{} {}", lesson_of(&path), stem(Path::new(&path)));
        match timeline::from_tsv(&table) {
            Err(fault) => faults.push(format!("{spans}: {fault}")),
            Ok(drawn) if drawn.len() != 1 || drawn[0].title != part => {
                faults.push(format!("{spans}: not of this part"));
            }
            Ok(drawn) if timeline::svg(&drawn) != svg => {
                faults.push(format!("{path}: differs from its spans"));
            }
            Ok(_) => {}
        }
    }
    for (spans, _) in recorded(root, "pictures", "tsv") {
        let picture = format!("{}.svg", spans.trim_end_matches(".tsv"));
        if !root.join(&picture).is_file() {
            faults.push(format!("{spans}: no {picture}"));
        }
    }
    faults
}

#[test]
fn every_picture_can_be_reached_and_has_a_name_and_a_caption() {
    assert_sound(faults_of_figures);
    let reports = |old, new, fault| {
        assert_reported(faults_of_figures, PAGE, old, new, fault);
    };
    let fault = "lesson00_fork.md:11: not in a figure";
    reports(" tabindex=\"0\"", "", fault);
    reports("Picture: a fork", "", fault);
    reports("<figcaption>", "<p>", fault);
}

/// A picture is wider than a phone: the figure around it scrolls.
fn faults_of_figures(root: &Path) -> Faults {
    let begin =
        regex(r#"^<figure class="picture" tabindex="0" aria-label="[^"]+">$"#);
    let mut faults = Vec::new();
    for Page { name, text } in pages(root) {
        let lines: Vec<_> = text.lines().collect();
        for (line, three) in (2..).zip(lines.windows(3)) {
            let is_sound = begin.is_match(three[0])
                && three[2].starts_with("<figcaption>");
            if three[1].contains("#include ../pictures/") && !is_sound {
                let figure = "a figure with a name, a tabindex and a caption";
                faults.push(format!("book/en/{name}:{line}: not in {figure}"));
            }
        }
    }
    faults
}

fn faults_of_pictures(root: &Path) -> Faults {
    let drawings = texts(root, "book/drawings", "svg");
    let pictures = recorded(root, "pictures", "svg");
    let all = [pictures.clone(), drawings].concat();
    let mut faults = on_no_page(root, all.clone());
    for (path, _) in pictures {
        let (lesson, part) = (lesson_of(&path), stem(Path::new(&path)));
        if !has_part(root, &lesson, &lesson, &part) {
            faults.push(format!("{path}: {lesson} has no part {part}"));
        }
    }
    for (path, text) in all {
        for wanted in ["<svg", "role=\"img\"", "<title", "<desc"] {
            if !text.contains(wanted) {
                faults.push(format!("{path}: no {wanted}"));
            }
        }
        let blank = text.lines().position(|line| line.trim().is_empty());
        if let Some(line) = blank {
            faults.push(format!("{path}:{}: a blank line", line + 1));
        }
    }
    faults
}

#[test]
fn every_chart_is_of_its_table_and_on_a_page() {
    assert_sound(faults_of_charts);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_charts, file, old, new, fault);
    };
    reports(TABLE, "spoons  12", "spoons  13", "spoons.svg: not drawn from");
    reports(CHART, "Spoons", "Forks", "spoons.svg: not drawn from");
    reports(CHART, "table.txt", "gone.txt", "charts/spoons.txt: ");
    reports(PAGE, "{{#include ../charts", "{{../cha", "on no page");
    let project = Project::sound();
    project.remove(CHART);
    let faults = faults_of_charts(project.root());
    assert_eq!(faults, ["book/charts/spoons.svg: no declaration"]);
}

fn faults_of_charts(root: &Path) -> Faults {
    let drawn = texts(root, "book/charts", "svg");
    let mut faults = on_no_page(root, drawn.clone());
    let book = root.join("book");
    let declared = chart::declarations(&book).expect("they can be read");
    for (name, declaration) in &declared {
        let path = format!("book/charts/{name}.svg");
        let right = chart::draw(&book, name, declaration);
        match (right, drawn.iter().find(|(file, _)| *file == path)) {
            (Err(error), _) => faults.push(error.to_string()),
            (Ok(right), Some((_, svg))) if right == *svg => {}
            (Ok(_), _) => faults.push(format!(
                "{path}: not drawn from its table (cargo run -p book -- chart)"
            )),
        }
    }
    for (path, _) in &drawn {
        let name = stem(Path::new(path));
        if !declared.iter().any(|(declared, _)| *declared == name) {
            faults.push(format!("{path}: no declaration"));
        }
    }
    faults
}

#[test]
fn the_measured_tables_are_those_of_the_figures() {
    assert_sound(faults_of_measured);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_measured, file, old, new, fault);
    };
    reports(FIGURES, "400 (390", "300 (290", "rows.md: not made of");
    reports(FIGURES, "lesson00_fork", "lesson01_a", "not CPython's and ours");
    reports(FIGURES, "| Ours", "| Mine", "what is this?");
    reports(STARTS, "lesson00_fork", "lesson01_join", "no row of lesson00");
    reports(HOW_FAST, "Few words", "12 words", "how_fast.md:3: a figure");
    reports(HOW_FAST, "measured/rows.md", "measured/row.md", "on no page");
}

fn faults_of_measured(root: &Path) -> Faults {
    let made = match tables::made_of(&root.join("book/measured")) {
        Ok(made) => made,
        Err(error) => return vec![error],
    };
    let mut faults = Vec::new();
    for (file, right) in made {
        let path = format!("book/measured/{file}");
        if read(&root.join(&path)) != right {
            let from = "not made of figures.txt and starts.txt";
            faults.push(format!("{path}: {from}"));
        }
    }
    let lessons = entries(&root.join("lessons")).into_iter();
    for lesson in lessons.map(|lesson| name(&lesson)) {
        for file in ["figures.txt", "starts.txt"] {
            let path = format!("book/measured/{file}");
            let text = read(&root.join(&path));
            let of_it = |line: &str| line.starts_with(&format!("{lesson} "));
            if !text.lines().any(of_it) {
                faults.push(format!("{path}: no row of {lesson}"));
            }
        }
    }
    faults.extend(on_no_page(root, texts(root, "book/measured", "md")));
    // Every figure on the page comes from a table.
    let code = regex(r"<[^>]*>|`[^`]*`|\]\([^)]*\)|Lesson \d+");
    for (line, text) in prose(&read(&root.join(HOW_FAST))) {
        let has_figure = code.replace_all(&text, "").contains(char::is_numeric);
        if has_figure && !text.contains("{{#include") {
            faults.push(format!("{HOW_FAST}:{line}: a figure of its own"));
        }
    }
    faults
}

#[test]
fn every_compiler_message_is_of_its_program_and_on_a_page() {
    assert_sound(faults_of_messages);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_messages, file, old, new, fault);
    };
    reports(REFUSED, "fork();", "spoon();", "line 3 of the program");
    reports(REFUSED, "fn main", "\nfn main", "line 3 of the program");
    reports(MESSAGE, "--bin", "--example", "first line");
    reports(PAGE, "{{#include ../rejected", "{{../rej", "on no page");
    for (lost, left) in [(REFUSED, MESSAGE), (MESSAGE, REFUSED)] {
        let project = Project::sound();
        project.remove(lost);
        let faults = faults_of_messages(project.root());
        assert!(faults.contains(&format!("{left}: no {lost}")), "{faults:?}");
    }
    let project = Project::sound();
    project.remove(MESSAGE);
    project.replace(REFUSED, "// error[E0133]", "// accepted");
    assert_eq!(faults_of_messages(project.root()), Faults::new());
}

fn faults_of_messages(root: &Path) -> Faults {
    let programs = texts(root, "tests/rejected/src/bin", "rs").into_iter();
    let refused = programs.filter(|(_, text)| !text.starts_with("// accepted"));
    let refused: Vec<_> = refused.collect();
    let messages = texts(root, "book/rejected", "txt");
    let mut faults = Vec::new();
    for (path, program) in &refused {
        let message = format!("book/rejected/{}.txt", stem(Path::new(path)));
        match messages.iter().find(|(path, _)| *path == message) {
            None => faults.push(format!("{path}: no {message}")),
            Some((_, said)) => {
                faults.extend(faults_of_message(&message, said, program));
            }
        }
    }
    for (path, _) in &messages {
        let name = stem(Path::new(path));
        let program = format!("tests/rejected/src/bin/{name}.rs");
        if !refused.iter().any(|(path, _)| *path == program) {
            faults.push(format!("{path}: no {program}"));
        }
    }
    faults.extend(on_no_page(root, messages));
    faults
}

/// A message quotes lines of the program; they must still be those. Below a
/// `help:` it shows what they could be instead.
fn faults_of_message(path: &str, said: &str, program: &str) -> Faults {
    let name = stem(Path::new(path));
    let mut faults = Vec::new();
    if !said.starts_with(&format!("$ cargo check --bin {name}\n")) {
        faults.push(format!("{path}:1: the first line is not its command"));
    }
    let ours = format!("src/bin/{name}.rs:");
    let quote = regex(r"^ *(\d+) \| (.*)$");
    let program: Vec<_> = program.lines().map(without_frame).collect();
    let mut is_ours = false;
    for (line, text) in (1..).zip(said.lines()) {
        if text.starts_with("help: ") {
            is_ours = false;
        } else if text.contains("--> ") || text.contains("::: ") {
            is_ours = text.contains(&ours);
        } else if let Some(quote) = quote.captures(text).filter(|_| is_ours) {
            let at: usize = quote[1].parse().expect("they are digits");
            if program.get(at - 1) != Some(&without_frame(&quote[2])) {
                let fault = format!("not line {at} of the program");
                faults.push(format!("{path}:{line}: {fault}"));
            }
        }
    }
    faults
}

/// A line without its indentation, and without what the compiler draws there.
fn without_frame(line: &str) -> &str {
    line.trim_start_matches([' ', '|', '/', '_']).trim_end()
}

#[test]
fn no_recording_shows_a_path_of_the_machine() {
    assert_sound(faults_of_paths);
    let (old, new) = ("I am the parent", "in /home/me/project");
    let fault = "fork.txt:2: /home/";
    assert_reported(faults_of_paths, TRANSCRIPT, old, new, fault);
}

fn faults_of_paths(root: &Path) -> Faults {
    let here = root.display().to_string();
    let places = ["/home/", "/root/", "/Users/", "/rustc/", &here];
    let mut files = recorded(root, "transcripts", "txt");
    files.extend(recorded(root, "pictures", "svg"));
    files.extend(recorded(root, "pictures", "tsv"));
    files.extend(texts(root, "book/charts", "svg"));
    files.extend(texts(root, "book/measured", "txt"));
    files.extend(texts(root, "book/rejected", "txt"));
    files.extend(texts(root, "book/corrections", "txt"));
    let mut faults = Vec::new();
    for (path, text) in files {
        for (line, text) in (1..).zip(text.lines()) {
            let place = places.iter().find(|place| text.contains(**place));
            faults.extend(place.map(|place| format!("{path}:{line}: {place}")));
        }
    }
    faults
}

// The pages to look things up in.

#[test]
fn every_correction_is_on_its_page_and_run_there() {
    assert_sound(faults_of_corrections);
    let reports = |file, old, new, fault| {
        assert_reported(faults_of_corrections, file, old, new, fault);
    };
    let page = CORRECTIONS;
    reports(page, "### 7. ", "### 8. ", "number 7 is not there once");
    reports(page, "44. x\n\nSee [it](", "44. x\n\nSee it(", "44 leads to no");
    reports(page, "corrections/01_x.txt", "x.txt", "01_x.txt: not on the page");
    reports(page, "corrections/01_x.py", "x.py", "01_x.py: not on the page");
    reports(SHOWN, "corrections 01_x", "corrections", "01_x.txt:1: not its");
    let wide = format!("print({})", "1".repeat(80));
    reports(SCRIPT, "print(1)", &wide, "01_x.py:2: 87 columns");
    for (lost, left) in [(SHOWN, SCRIPT), (SCRIPT, SHOWN)] {
        let project = Project::sound();
        project.remove(lost);
        let faults = faults_of_corrections(project.root());
        assert!(faults.contains(&format!("{left}: no {lost}")), "{faults:?}");
    }
}

fn faults_of_corrections(root: &Path) -> Faults {
    let text = read(&root.join(CORRECTIONS));
    let mut faults = Vec::new();
    let mut entries = text.split("\n### ").skip(1);
    for n in 1..=44 {
        let number = format!("{n}. ");
        let entry = entries.next().filter(|entry| entry.starts_with(&number));
        match entry {
            None => faults.push(format!("number {n} is not there once")),
            Some(entry) if !entry.contains(".md") || !entry.contains("](") => {
                faults.push(format!("number {n} leads to no chapter"));
            }
            Some(_) => {}
        }
    }
    let shown = included_by(root, CORRECTIONS);
    for (ending, other) in [("py", "txt"), ("txt", "py")] {
        for (path, text) in texts(root, "book/corrections", ending) {
            let its = Path::new(&path).with_extension(other);
            if !root.join(&its).is_file() {
                faults.push(format!("{path}: no {}", its.display()));
            }
            if !shown.contains(Path::new(&path)) {
                faults.push(format!("{path}: not on the page"));
            }
            let command = format!(
                "$ cargo run -p book -- corrections {}\n",
                stem(Path::new(&path))
            );
            if ending == "txt" && !text.starts_with(&command) {
                faults.push(format!("{path}:1: not its command"));
            }
            let widths = text.lines().map(|line| line.chars().count());
            let wide = (1..).zip(widths).filter(|(_, width)| *width > 80);
            faults
                .extend(wide.map(|(n, w)| format!("{path}:{n}: {w} columns")));
        }
    }
    faults
}

#[test]
fn every_refused_program_is_in_the_gallery() {
    assert_sound(faults_of_gallery);
    let (old, new) = ("bin/unsafe_fork.rs", "bin/other.rs");
    let fault = "unsafe_fork.rs: not in the gallery";
    assert_reported(faults_of_gallery, GALLERY, old, new, fault);
    let (old, new) = ("rejected/unsafe_fork.txt", "rejected/other.txt");
    let fault = "unsafe_fork.txt: not in the gallery";
    assert_reported(faults_of_gallery, GALLERY, old, new, fault);
}

fn faults_of_gallery(root: &Path) -> Faults {
    let shown = included_by(root, GALLERY);
    let mut files = texts(root, "tests/rejected/src/bin", "rs");
    files.extend(texts(root, "book/rejected", "txt"));
    let lost = files.into_iter().map(|(path, _)| path);
    lost.filter(|path| !shown.contains(Path::new(path)))
        .map(|path| format!("{path}: not in the gallery"))
        .collect()
}

#[test]
fn every_lesson_is_in_the_table_of_names_and_each_name_is_found() {
    assert_sound(faults_of_names);
    let reports = |old, new, fault| {
        assert_reported(faults_of_names, NAMES, old, new, fault);
    };
    reports("(lesson00_fork.md#", "(introduction.md#", "lesson00_fork: in no");
    reports("| a `fork`", "| a copy", "a search for fork finds nothing");
    reports("a `Pid`", "a number", "a search for pid finds nothing");
}

/// The table leads to each lesson; and the search, which knows words by their
/// beginning, finds each name there with its module and without.
fn faults_of_names(root: &Path) -> Faults {
    let text = read(&root.join(NAMES));
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<_> = rows.collect();
    let lessons = entries(&root.join("lessons")).into_iter();
    let lost = lessons.map(|lesson| name(&lesson)).filter(|lesson| {
        let link = regex(&format!(r"\({lesson}\.md[)#]"));
        !rows.iter().any(|row| link.is_match(row))
    });
    let lost = lost.map(|lesson| format!("{NAMES}: {lesson}: in no row"));
    let mut faults: Faults = lost.collect();
    let words = text.to_lowercase();
    let words = words.split(|c: char| c.is_whitespace() || c == '-');
    let is_inner = |c: char| c.is_alphanumeric() || c == '_';
    let words = words.map(|word| word.trim_matches(|c| !is_inner(c)));
    let words: Vec<_> = words.collect();
    let path = regex(r"`([A-Za-z_][A-Za-z0-9_.:]*)[^`]*`");
    for row in rows {
        let names: Vec<_> = row.split(" | ").take(2).collect();
        let names = names.join(" ").to_lowercase();
        for name in path.captures_iter(&names) {
            let short = name[1].rsplit(['.', ':']).next().unwrap_or_default();
            for name in [&name[1], short] {
                let is_found = words.iter().any(|word| word.starts_with(name));
                if !is_found && !TOO_COMMON.contains(&name) {
                    let fault = format!("a search for {name} finds nothing");
                    faults.push(format!("{NAMES}: {fault}"));
                }
            }
        }
    }
    faults
}

/// Words that the search leaves out.
const TOO_COMMON: [&str; 5] = ["get", "if", "in", "with", "a"];

/// What one page includes.
fn included_by(root: &Path, page: &str) -> BTreeSet<PathBuf> {
    let of_page = includes(root).into_iter().filter(|one| one.page == page);
    of_page.map(|include| include.file).collect()
}

// The words around it.

#[test]
fn what_the_readme_shows_was_recorded() {
    assert_sound(faults_of_readme);
    let (old, new) = ("I am the parent\n```", "I am the child\n```");
    let fault = "differs from book/transcripts/";
    assert_reported(faults_of_readme, "README.md", old, new, fault);
    let (old, new) = ("-- fork\nI am", "-- memory\nI am");
    let fault = "no transcript of";
    assert_reported(faults_of_readme, "README.md", old, new, fault);
}

fn faults_of_readme(root: &Path) -> Faults {
    let readme = read(&root.join("README.md"));
    let transcripts = recorded(root, "transcripts", "txt");
    let shown = regex(r"(?ms)^```(?:console|text)\n(\$ cargo run.*?)^```");
    let mut faults = Vec::new();
    for block in shown.captures_iter(&readme).map(|block| block.get(1)) {
        let block = block.expect("the group is not optional");
        let line = readme[..block.start()].lines().count() + 1;
        let block = block.as_str().trim_end();
        let Some((first, _)) = block.split_once('\n') else {
            continue;
        };
        let of = |(_, text): &&(_, String)| first_line(text) == first;
        let of: Vec<_> = transcripts.iter().filter(of).collect();
        if of.iter().any(|(_, text)| text.trim_end() == block) {
            continue;
        }
        faults.push(match of.first() {
            None => format!("README.md:{line}: no transcript of {first}"),
            Some((path, _)) => format!("README.md:{line}: differs from {path}"),
        });
    }
    faults
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[test]
fn no_page_has_a_markdown_image() {
    assert_sound(faults_of_images);
    let (old, new) = ("# Fork", "# Fork\n\n![A picture](fork.png)");
    let fault = "lesson00_fork.md:3: an image";
    assert_reported(faults_of_images, PAGE, old, new, fault);
    let project = Project::sound();
    project.replace(PAGE, "# Fork", "# Fork `vec![1]`\n```rust\n![]()\n```");
    assert_eq!(faults_of_images(project.root()), Faults::new());
}

fn faults_of_images(root: &Path) -> Faults {
    let pages = pages(root).into_iter();
    pages
        .flat_map(|page| {
            let lines = prose(&page.text).into_iter();
            let images = lines.filter(|(_, line)| line.contains("!["));
            images.map(move |(n, _)| {
                format!("book/en/{}:{n}: an image", page.name)
            })
        })
        .collect()
}

#[test]
fn every_relative_link_leads_to_a_file() {
    assert_sound(faults_of_links);
    let (old, new) = ("# Fork", "# Fork\n\nSee [join](lesson03_join.md#a).");
    let fault = "lesson00_fork.md:3: no lesson03_join.md";
    assert_reported(faults_of_links, PAGE, old, new, fault);
    let (old, new) = ("# Lessons", "<img src=\"gone.svg\">");
    let fault = "README.md:1: no gone.svg";
    assert_reported(faults_of_links, "README.md", old, new, fault);
}

fn faults_of_links(root: &Path) -> Faults {
    let link = regex(r#"(?:\]\(|src="|href=")<?([^)#">\s]+)"#);
    let pages = pages(root).into_iter();
    let pages = pages.map(|page| (format!("book/en/{}", page.name), page.text));
    let readme = ("README.md".into(), read(&root.join("README.md")));
    let mut faults = Vec::new();
    for (path, text) in pages.chain([readme]) {
        let path: String = path;
        let folder = Path::new(&path).parent().expect("it lies in a folder");
        for (n, line) in prose(&text) {
            for link in link.captures_iter(&line) {
                let target = &link[1];
                let is_lost = !root.join(folder).join(target).exists();
                if is_lost && !is_elsewhere(target) {
                    faults.push(format!("{path}:{n}: no {target}"));
                }
            }
        }
    }
    faults
}

// The pages as they are built.

#[test]
fn the_built_book_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let built = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("--dest")
        .arg(folder.path())
        .output()
        .expect("the book's builder starts");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "the book does not build: {said}");
    assert!(folder.path().join("print.html").exists());
    let faults = faults_of_html(folder.path());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_hole_in_the_built_book_is_reported() {
    for (body, fault) in [
        ("<p id='x'>{{#include x.rs}}</p>", "not included: {{#include x.rs"),
        ("<pre><code class=\"a\">\n</code></pre>", "an empty code block"),
        ("<a href=\"gone.html\">x</a>", "a.html: no gone.html"),
        ("<script src=\"x.js\"></script>", "a.html: no x.js"),
        ("<a href=\"a.html#y\">x</a>", "no id y in a.html"),
        ("<a href=\"#y\">x</a>", "no id y in a.html"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let page = format!("<p id=\"x\"><a href=\"#x\">x</a></p>{body}");
        fs::write(folder.path().join("a.html"), page).expect("a page");
        let faults = faults_of_html(folder.path());
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(fault), "{fault}, not {faults:?}");
    }
}

fn faults_of_html(folder: &Path) -> Faults {
    let pages = texts(folder, "", "html");
    let ids: BTreeMap<_, BTreeSet<_>> = pages
        .iter()
        .map(|(page, html)| (page.as_str(), values(html, " id=\"").collect()))
        .collect();
    let empty = regex(r"<code[^>]*>\s*</code>");
    let mut faults = Vec::new();
    for (page, html) in &pages {
        if let Some((_, rest)) = html.split_once("{{#") {
            let rest = rest.split("}}").next().unwrap_or(rest);
            faults.push(format!("{page}: not included: {{{{#{rest}"));
        }
        if empty.is_match(html) {
            faults.push(format!("{page}: an empty code block"));
        }
        // Where the site is; the links of its page begin there.
        let html = html.replace("<base href=\"/\">", "");
        let links = values(&html, " href=\"").chain(values(&html, " src=\""));
        for link in links.collect::<BTreeSet<_>>() {
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { page } else { file };
            let has_id = || ids.get(file).is_some_and(|ids| ids.contains(id));
            if is_elsewhere(link) {
            } else if !folder.join(file).is_file() {
                faults.push(format!("{page}: no {file}"));
            } else if !id.is_empty() && !has_id() {
                faults.push(format!("{page}: no id {id} in {file}"));
            }
        }
    }
    faults
}

/// What stands between `before` and the next quotation mark.
fn values<'a>(html: &'a str, before: &str) -> impl Iterator<Item = &'a str> {
    let after = html.split(before).skip(1).collect::<Vec<_>>().into_iter();
    after.filter_map(|rest| Some(rest.split_once('"')?.0))
}

// The book itself, broken in a copy.

#[test]
fn a_copy_of_the_book_that_is_broken_is_reported() {
    let page = "book/en/lesson08_lock.md";
    let main = "lessons/lesson08_lock/src/main.rs";
    let race = "book/transcripts/lesson08_lock/race.txt";
    let refused = "tests/rejected/src/bin/lesson08_rc.rs";
    let breaks: [(Check, &str, &str, &str, &str); 10] = [
        (faults_of_includes, page, "main.rs:lock", "main.rs:key", "anchor key"),
        (faults_of_includes, page, "race.rs:forced", "rice.rs:forced", "rice"),
        (faults_of_includes, main, "ANCHOR_END: lock", "", "1 and 0, not one"),
        (faults_of_anchors, main, "fn lock(", "fn key(", "no item lock"),
        (faults_of_links, page, "(lesson07_", "(lesson77_", "no lesson77_"),
        (faults_of_transcripts, race, "-- race", "-- rice", "no part rice"),
        (faults_of_transcripts, page, "/race.txt", "/r.txt", "on no page"),
        (faults_of_messages, refused, "|| *of_", "|| of_", "not line"),
        (faults_of_build, page, "#what-the-", "#what-a-", "no id what-a-"),
        (faults_of_build, page, "/lock.txt", "/look.txt", "not included"),
    ];
    let copy = Project::copy();
    for (check, file, old, new, fault) in breaks {
        let sound = read(&copy.root().join(file));
        let faults = check(copy.root());
        assert!(!is_among(fault, &faults), "{fault:?} is in {faults:?}");
        copy.replace(file, old, new);
        let faults = check(copy.root());
        assert!(is_among(fault, &faults), "{fault:?} is not in {faults:?}");
        copy.write(file, &sound);
    }
}

fn is_among(fault: &str, faults: &Faults) -> bool {
    faults.iter().any(|found| found.contains(fault))
}

fn faults_of_build(root: &Path) -> Faults {
    let folder = tempfile::tempdir().expect("a folder");
    let mut book = MDBook::load(root.join("book")).expect("a book");
    book.config.build.build_dir = folder.path().into();
    book.build().expect("it builds, whatever it shows");
    faults_of_html(folder.path())
}

// What the checks read.

/// A chapter, in Markdown.
struct Page {
    name: String,
    text: String,
}

fn pages(root: &Path) -> Vec<Page> {
    let pages = texts(root, "book/en", "md").into_iter();
    pages
        .map(|(path, text)| {
            let name = name(Path::new(&path));
            Page { name, text }
        })
        .collect()
}

/// Where a page includes a file, or the part of it between two anchors.
struct Include {
    page: String,
    line: usize,
    file: PathBuf,
    anchor: Option<String>,
}

fn includes(root: &Path) -> Vec<Include> {
    let include =
        regex(r"\{\{\s*#(?:rustdoc_)?include\s+([^\s:}]+)(?::([^\s}]+))?");
    let pages = pages(root).into_iter();
    let found = pages.flat_map(|page| {
        let lines = (1..).zip(page.text.lines());
        let found = lines.flat_map(|(line, text)| {
            let one = |found: Captures| Include {
                page: format!("book/en/{}", page.name),
                line,
                file: resolved(&Path::new("book/en").join(&found[1])),
                anchor: found.get(2).map(|anchor| anchor.as_str().into()),
            };
            include.captures_iter(text).map(one).collect::<Vec<_>>()
        });
        found.collect::<Vec<_>>()
    });
    found.collect()
}

/// The path without its `..`, whether or not it leads anywhere.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for step in path.components() {
        match step {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::CurDir => {}
            step => resolved.push(step),
        }
    }
    resolved
}

/// The anchors of one kind in a text, each with its line.
fn all_marks(text: &str, kind: &str) -> Vec<(usize, String)> {
    let mark = regex(&format!(r"\b{kind}:\s*([\w-]+)"));
    let lines = (1..).zip(text.lines());
    lines
        .filter_map(|(n, line)| Some((n, mark.captures(line)?[1].into())))
        .collect()
}

/// The lines of one anchor.
fn marks(text: &str, kind: &str, anchor: &str) -> Vec<usize> {
    let marks = all_marks(text, kind).into_iter();
    marks.filter(|(_, name)| name == anchor).map(|(line, _)| line).collect()
}

/// What stands between two lines, without either.
fn block(text: &str, start: usize, end: usize) -> &str {
    let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let after_start = ends.nth(start - 1).unwrap_or(text.len());
    let lines = end.saturating_sub(start + 1);
    let rest = &text[after_start..];
    let length = rest.split_inclusive('\n').take(lines).map(str::len).sum();
    &rest[..length]
}

/// The Rust and Python files of all lessons.
fn lesson_sources(root: &Path) -> Vec<(String, String)> {
    let lessons = entries(&root.join("lessons")).into_iter();
    let sources = lessons.flat_map(|lesson| {
        let folder = format!("lessons/{}", name(&lesson));
        let mut sources = texts(root, &folder, "py");
        let examples = lesson.join("examples");
        let programs = entries(&examples).into_iter();
        let programs = programs.filter(|folder| folder.is_dir());
        for folder in programs.chain([lesson.join("src"), examples]) {
            let folder = folder.strip_prefix(root).expect("it lies there");
            sources.extend(texts(root, &folder.display().to_string(), "rs"));
        }
        sources
    });
    sources.collect()
}

/// What was recorded of one kind: each file's path and text.
fn recorded(root: &Path, kind: &str, ending: &str) -> Vec<(String, String)> {
    let lessons = entries(&root.join("book").join(kind)).into_iter();
    let files = lessons.flat_map(|lesson| {
        texts(root, &format!("book/{kind}/{}", name(&lesson)), ending)
    });
    files.collect()
}

/// Those of the files that no page includes, the gallery apart: it has what
/// belongs to others.
fn on_no_page(root: &Path, files: Vec<(String, String)>) -> Faults {
    let shown = includes(root).into_iter();
    let shown = shown.filter(|include| include.page != GALLERY);
    let shown: BTreeSet<_> = shown.map(|include| include.file).collect();
    let lost = files.into_iter().map(|(path, _)| path);
    lost.filter(|path| !shown.contains(Path::new(path)))
        .map(|path| format!("{path}: on no page"))
        .collect()
}

/// The lesson that `book/transcripts/LESSON/ANY.txt` belongs to.
fn lesson_of(path: &str) -> String {
    path.split('/').nth(2).unwrap_or_default().into()
}

/// The lines that are neither code nor within a line's code.
fn prose(text: &str) -> Vec<(usize, String)> {
    let code = regex(r"`[^`]*`");
    let mut in_block = false;
    let lines = (1..).zip(text.lines());
    let prose = lines.filter(|(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    });
    prose
        .map(|(n, line)| (n, code.replace_all(line, "").into_owned()))
        .collect()
}

/// Whether a link leads out of the project.
fn is_elsewhere(link: &str) -> bool {
    let is_scheme = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let scheme = link.split_once(':').map(|(word, _)| word);
    link.starts_with("//") || scheme.is_some_and(is_scheme)
}

/// The files with this ending in a folder below `root`, in order: the path of
/// each from there, and its text.
fn texts(root: &Path, folder: &str, ending: &str) -> Vec<(String, String)> {
    let files = entries(&root.join(folder)).into_iter();
    files
        .filter(|file| file.extension().is_some_and(|e| e == ending))
        .map(|file| {
            let path = file.strip_prefix(root).expect("it lies there");
            let path = path.display().to_string().replace('\\', "/");
            (path, read(&file))
        })
        .collect()
}

/// What lies in a folder, in order; nothing when there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut entries: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    entries.sort();
    entries
}

/// The text of a file; of one that is not there, none.
fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn name(path: &Path) -> String {
    let name = path.file_name().expect("it has a name");
    name.to_string_lossy().into_owned()
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().expect("it has a name");
    stem.to_string_lossy().into_owned()
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is right")
}

// A small project that is sound, and how it breaks.

type Check = fn(&Path) -> Faults;

const PAGE: &str = "book/en/lesson00_fork.md";
const MAIN: &str = "lessons/lesson00_fork/src/main.rs";
const PYTHON: &str = "lessons/lesson00_fork/lesson00_fork.py";
const TRANSCRIPT: &str = "book/transcripts/lesson00_fork/fork.txt";
const PICTURE: &str = "book/pictures/lesson00_fork/fork.svg";
const SPANS: &str = "book/pictures/lesson00_fork/fork.tsv";
const TABLE: &str = "book/transcripts/table.txt";
const CHART: &str = "book/charts/spoons.txt";
const FIGURES: &str = "book/measured/figures.txt";
const STARTS: &str = "book/measured/starts.txt";
const HOW_FAST: &str = "book/en/how_fast.md";
const REFUSED: &str = "tests/rejected/src/bin/unsafe_fork.rs";
const MESSAGE: &str = "book/rejected/unsafe_fork.txt";
const CORRECTIONS: &str = "book/en/corrections.md";
const SCRIPT: &str = "book/corrections/01_x.py";
const SHOWN: &str = "book/corrections/01_x.txt";
const GALLERY: &str = "book/en/rejected.md";
const NAMES: &str = "book/en/python_to_rust.md";

const EXAMPLE: &str = "book/transcripts/states/threads.txt";

const FILES: [(&str, &str); 20] = [
    (
        "book/en/SUMMARY.md",
        "- [Fork](lesson00_fork.md)
- [Corrections](corrections.md)
- [Refused](rejected.md)
- [Names](python_to_rust.md)
- [How fast?](how_fast.md)
",
    ),
    (SCRIPT, "# It prints.\nprint(1)\n"),
    (SHOWN, "$ cargo run -p book -- corrections 01_x\n3.8:\n  1\n"),
    (
        GALLERY,
        "# Refused

{{#include ../../tests/rejected/src/bin/unsafe_fork.rs}}
{{#include ../rejected/unsafe_fork.txt}}
",
    ),
    (
        NAMES,
        "# Names

| Python | Rust | | |
|---|---|---|---|
| `os.fork` | `nix::Pid` | a `fork` returns a `Pid` | [0](lesson00_fork.md#a) |
",
    ),
    (
        PAGE,
        r#"# Fork

[All of them](../../README.md), and [Rust](https://rust-lang.org)

{{#include ../../lessons/lesson00_fork/src/main.rs:fork}}
{{#include ../../lessons/lesson00_fork/lesson00_fork.py:fork}}
{{#include ../../tests/rejected/src/bin/unsafe_fork.rs}}
{{#include ../transcripts/lesson00_fork/fork.txt}}
{{#include ../transcripts/states/threads.txt}}
<figure class="picture" tabindex="0" aria-label="Picture: a fork">
{{#include ../pictures/lesson00_fork/fork.svg}}
<figcaption>One becomes two.</figcaption>
</figure>
{{#include ../charts/spoons.svg}}
{{#include ../rejected/unsafe_fork.txt}}
"#,
    ),
    (
        MAIN,
        "fn main() { Lesson::new().part(\"fork\", fork) }
// ANCHOR: fork
fn fork() {}
// ANCHOR_END: fork
",
    ),
    (PYTHON, "# ANCHOR: fork\ndef fork():\n# ANCHOR_END: fork\n"),
    ("tests/lesson00_fork.rs", "//! Its test.\n"),
    (TRANSCRIPT, "$ cargo run -p lesson00_fork -- fork\nI am the parent\n"),
    (
        SPANS,
        "picture\tlane\tname\tkind\tlabel\tstart\tend\n\
         lesson00_fork fork\t1\tparent\twork\tforks\t0.000000\t2.000000\n",
    ),
    (
        EXAMPLE,
        "$ cargo run -p lesson00_fork --example states -- threads\nnew: S\n",
    ),
    (
        "lessons/lesson00_fork/examples/states/main.rs",
        "fn main() { Lesson::new().part(\"threads\", threads) }\n",
    ),
    (TABLE, "On the table:\n\n        now\nspoons  12\nforks    9\n"),
    (
        CHART,
        "title: Spoons\nfrom: transcripts/table.txt\nbelow: On the table:\n",
    ),
    (
        FIGURES,
        "today

lesson00_fork | fork | microseconds | CPython | os.fork | 200 (190-210)
lesson00_fork | fork | microseconds | Ours | fork | 400 (390-410)
",
    ),
    (
        STARTS,
        "today\n\nHow soon it is there:\n\n\
         lesson         warm, s\nlesson00_fork      0.2\n",
    ),
    (
        HOW_FAST,
        "# How fast?

Few words, but `2 + 2` and [Lesson 0](lesson00_fork.md).

{{#include ../measured/machine.md}}
{{#include ../measured/rows.md}}
{{#include ../measured/starts.md}}
",
    ),
    (REFUSED, "// error[E0133]\nfn main() {\n    fork();\n}\n"),
    (
        MESSAGE,
        "$ cargo check --bin unsafe_fork
error[E0133]: it is unsafe
 --> src/bin/unsafe_fork.rs:3:5
  |
3 |     fork();
  |     ^^^^^^
help: say so
  |
3 |     unsafe { fork() };
",
    ),
];

struct Project(TempDir);

impl Project {
    fn sound() -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        for (file, text) in FILES {
            project.write(file, text);
        }
        let drawn = timeline::from_tsv(&read(&project.root().join(SPANS)));
        project.write(PICTURE, &timeline::svg(&drawn.expect("a table")));
        let book = project.root().join("book");
        let made = tables::made_of(&book.join("measured"));
        for (file, text) in made.expect("they are sound") {
            project.write(&format!("book/measured/{file}"), &text);
        }
        let declaration = read(&project.root().join(CHART));
        let svg = chart::draw(&book, "spoons", &declaration);
        project.write("book/charts/spoons.svg", &svg.expect("it is sound"));
        let entry =
            |n| format!("\n### {n}. x\n\nSee [it](lesson00_fork.md).\n");
        let entries = (1..=44).map(entry).collect::<String>();
        let includes = ["py", "txt"].map(|ending| {
            format!("{{{{#include ../corrections/01_x.{ending}}}}}\n")
        });
        project.write(CORRECTIONS, &(entries + &includes.concat()));
        let rows = LESSONS[1..].iter();
        let rows = rows.map(|lesson| format!("| {lesson} (to come) |\n"));
        let shown = read(&project.root().join(TRANSCRIPT));
        let readme = format!(
            "# Lessons\n\n\
             | [lesson00_fork](book/en/lesson00_fork.md) |\n{}\n\
             ```console\n{shown}```\n",
            rows.collect::<String>(),
        );
        project.write("README.md", &readme);
        project
    }

    /// The files of this project that the checks read.
    fn copy() -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        for folder in ["book", "lessons", "shared", "tests"] {
            copy_texts(&root().join(folder), &project.root().join(folder));
        }
        let readme = read(&root().join("README.md"));
        project.write("README.md", &readme);
        project
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.root().join(file);
        let folder = file.parent().expect("it lies in a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(file, text).expect("a file");
    }

    fn replace(&self, file: &str, old: &str, new: &str) {
        let text = read(&self.root().join(file));
        assert!(text.contains(old), "no {old:?} in {file}");
        self.write(file, &text.replacen(old, new, 1));
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.root().join(file)).expect("it was there");
    }
}

/// Neither the project nor the small one has faults.
#[track_caller]
fn assert_sound(check: Check) {
    assert_eq!(check(Project::sound().root()), Faults::new());
    let faults = check(&root());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The root of the workspace.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is a folder in it").into()
}

/// Copies a folder, without what was built in it.
fn copy_texts(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let there = to.join(name(&path));
        let is_built =
            ["target", "fuzz", "__pycache__"].map(|n| path.ends_with(n));
        if path.is_dir() && !is_built.contains(&true) {
            copy_texts(&path, &there);
        } else if path.is_file() {
            fs::copy(&path, there).expect("a copy");
        }
    }
}

/// With `new` for `old` in one file, the check names the fault.
#[track_caller]
fn assert_reported(
    check: Check,
    file: &str,
    old: &str,
    new: &str,
    fault: &str,
) {
    let project = Project::sound();
    project.replace(file, old, new);
    let faults = check(project.root());
    let is_named = faults.iter().any(|found| found.contains(fault));
    assert!(is_named, "{fault:?} is not in {faults:?}");
}
