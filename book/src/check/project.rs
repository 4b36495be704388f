//! A small project that is sound; the tests break it in one place at a time.

use std::fs;

use shared::timeline;
use tempfile::TempDir;

use super::Faults;
use super::sources::Sources;
use crate::{chart, measure, schedule};

pub const PAGE: &str = "book/en/lesson00_fork.md";
pub const MAIN: &str = "lessons/lesson00_fork/src/main.rs";
pub const TWIN: &str = "lessons/lesson00_fork/lesson00_fork.py";
pub const TRANSCRIPT: &str = "book/transcripts/lesson00_fork/fork.txt";
pub const EXAMPLE: &str = "book/transcripts/states/threads.txt";
pub const PICTURE: &str = "book/pictures/lesson00_fork/fork.svg";
pub const SPANS: &str = "book/pictures/lesson00_fork/fork.tsv";
pub const GRAPH: &str = "book/schedules/lesson00_fork/fork.json";
pub const SCHEDULES: &str = "book/schedules/lesson00_fork/fork.html";
pub const CHART: &str = "book/charts/starts.txt";
pub const STARTS: &str = "book/measured/starts.jsonl";
pub const REFUSED: &str = "tests/rejected/src/bin/unsafe_fork.rs";
pub const MESSAGE: &str = "book/rejected/unsafe_fork.txt";
pub const SCRIPT: &str = "book/corrections/01_x.py";
pub const SHOWN: &str = "book/corrections/01_x.txt";

/// A file, a text in it, another for it, and the fault that this is.
pub type Break<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Instead of a text: the file is removed.
pub const GONE: &str = "(the file)";

/// Each break alone is reported.
#[track_caller]
pub fn assert_reported(check: fn(&Sources) -> Faults, breaks: &[Break<'_>]) {
    for (file, old, new, fault) in breaks {
        let project = sound();
        match *old {
            GONE => fs::remove_file(project.path().join(file)).unwrap(),
            old => replace(&project, file, old, new),
        }
        let faults = check(&Sources::read(project.path()));
        let is_reported = faults.iter().any(|it| it.contains(fault));
        assert!(is_reported, "{fault:?} is not in {faults:#?}");
    }
}

#[track_caller]
pub fn replace(project: &TempDir, file: &str, old: &str, new: &str) {
    let text = fs::read_to_string(project.path().join(file)).unwrap();
    assert!(text.contains(old), "no {old:?} in {file}");
    write(project, file, &text.replacen(old, new, 1));
}

fn write(project: &TempDir, file: &str, text: &str) {
    let file = project.path().join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

pub fn sound() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    for file in FILES.split("=== ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        write(&project, path, &text.replace("\\\n", ""));
    }
    let row = "| `a` | [A](lesson00_fork.md#fork) | `01_x` |\n";
    let includes = "\n{{#include ../corrections/01_x.py}}\n\
                    {{#include ../corrections/01_x.txt}}\n";
    let page = row.to_owned() + includes;
    write(&project, "book/en/corrections.md", &page);
    let spans = "picture\tlane\tname\tkind\tlabel\tstart\tend\n\
        lesson00_fork fork\t1\tparent\twork\tforks\t0.000000\t2.000000\n";
    write(&project, SPANS, spans);
    let drawn = timeline::from_tsv(spans).unwrap();
    write(&project, PICTURE, &timeline::svg(&drawn));
    let graph = project.path().join(GRAPH);
    let html = schedule::html(&graph, &fs::read_to_string(&graph).unwrap());
    write(&project, SCHEDULES, &html.unwrap());
    let book = project.path().join("book");
    measure::write_tables(&book.join("measured")).unwrap();
    chart::draw_all(&book).unwrap();
    project
}

const FILES: &str = r#"
=== README.md
# Lessons

| [lesson00_fork](lessons/lesson00_fork/src/main.rs) |

```console
$ cargo run -p lesson00_fork -- fork
I am the parent
```
=== book/book.toml
[book]
src = "en"
[build]
create-missing = false
=== book/en/SUMMARY.md
- [Fork](lesson00_fork.md)
- [Corrections](corrections.md)
- [Refused](rejected.md)
- [Names](python_to_rust.md)
- [How fast?](how_fast.md)
=== book/en/lesson00_fork.md
# Fork

{{#include ../../lessons/lesson00_fork/src/main.rs:fork}}
{{#include ../../lessons/lesson00_fork/lesson00_fork.py:fork}}
{{#include ../transcripts/lesson00_fork/fork.txt}}
{{#include ../transcripts/lesson00_fork/twin.txt}}
{{#include ../transcripts/states/threads.txt}}
<figure class="picture" tabindex="0" aria-label="Picture: a fork">
{{#include ../pictures/lesson00_fork/fork.svg}}
<figcaption>`vec![1]` in code is no image, and [Rust] no link.</figcaption>
</figure>
{{#include ../charts/starts.svg}}
{{#include ../schedules/lesson00_fork/fork.html}}
{{#include ../rejected/unsafe_fork.txt}}

```text
![an image](gone.png)
```

[Rust]: https://rust-lang.org
=== book/en/rejected.md
# Refused

| `unsafe_fork` | [A](lesson00_fork.md#fork) |

{{#include ../../tests/rejected/src/bin/accepted.rs}}
=== book/en/python_to_rust.md
# Names

| Python | Rust | | |
|---|---|---|---|
| `os.fork` | `nix::Pid` | a `fork` is a `Pid` | [0](lesson00_fork.md#fork) |
=== book/en/how_fast.md
# How fast?

Few words, but `2 + 2` and [Lesson 0](lesson00_fork.md).

{{#include ../measured/machine.md}}
{{#include ../measured/rows.md}}
{{#include ../measured/behind.md}}
{{#include ../measured/cores.md}}
{{#include ../measured/growth.md}}
{{#include ../measured/starts.md}}
=== lessons/lesson00_fork/src/main.rs
fn main() { Lesson::new().part("fork", fork) }
// ANCHOR: fork
fn fork() {}
// ANCHOR_END: fork
=== lessons/lesson00_fork/lesson00_fork.py
# ANCHOR: fork
def fork():
# ANCHOR_END: fork
=== lessons/lesson00_fork/examples/states/main.rs
fn main() { Lesson::new().part("threads", threads) }
=== tests/lesson00_fork.rs
//! Its test.
=== book/schedules/lesson00_fork/fork.json
{"schedules": 70, "good": 1, "threads": [],
"goals": [{"end": "lost", "shortest": []}], "states": []}
=== book/transcripts/lesson00_fork/fork.txt
$ cargo run -p lesson00_fork -- fork
I am the parent
=== book/transcripts/lesson00_fork/twin.txt
$ python3 lessons/lesson00_fork/lesson00_fork.py fork # status 1
I am the parent
=== book/transcripts/states/threads.txt
$ cargo run -p lesson00_fork --example states -- threads
new: S
=== book/measured/samples.jsonl
{"machine":"today"}
{"lesson":"lesson00_fork","id":"fork","what":"fork","unit":"microseconds",\
"sides":[{"side":"CPython","name":"os.fork","samples":[190,200,210]},\
{"side":"Ours","name":"fork","samples":[390,400,410]}]}
=== book/measured/four_cores.jsonl
{"machine":"then"}
=== book/measured/growth.jsonl
{"machine":"today"}
=== book/measured/starts.jsonl
{"machine":"today"}
{"lesson":"lesson00_fork","id":"warm","what":"warm","unit":"seconds",\
"sides":[{"side":"Ours","name":"fork","samples":[0.2]}]}
=== book/charts/starts.txt
title: Starts
from: measured/starts.jsonl
=== tests/rejected/src/bin/unsafe_fork.rs
// error[E0133]
fn main() {
    fork();
}
=== tests/rejected/src/bin/accepted.rs
// accepted
=== book/rejected/unsafe_fork.txt
$ cargo check --bin unsafe_fork
error[E0133]: it is unsafe
 --> src/bin/unsafe_fork.rs:3:5
  |
3 |     fork();
  |     ^^^^^^
help: write so
  |
3 |     unsafe { fork() };
=== book/corrections/01_x.py
# It prints.
print(1)
=== book/corrections/01_x.txt
$ cargo run -p book -- corrections 01_x
3.8:
  1
"#;
