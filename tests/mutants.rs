//! Each of these changes breaks a lesson, and must turn one of its tests red.
//!
//! The workspace is copied to `target/mutants` and changed there, never here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use harness::root;

/// One change that must not go unnoticed.
struct Mutant {
    lesson: &'static str,
    what: &'static str,
    file: &'static str,
    /// Stands in the file once.
    from: &'static str,
    to: &'static str,
}

const MUTANTS: &[Mutant] = &[
    Mutant {
        lesson: "lesson00_fork",
        what: "the zombie is reaped at once",
        file: "src/endings.rs",
        from: "child_ended.wait()?;",
        to: "child_ended.wait()?; waitpid(child, None)?;",
    },
    Mutant {
        lesson: "lesson00_fork",
        what: "the parent does not wait for its child",
        file: "src/copies.rs",
        from: "            waitpid(child, None)?;\n        }\n    }\n    Ok(())",
        to: "        }\n    }\n    Ok(())",
    },
    Mutant {
        lesson: "lesson00_fork",
        what: "the parent shares what the child changed",
        file: "src/copies.rs",
        from: "waitpid(child, None)?;\n            tell",
        to: "waitpid(child, None)?;\n            balance -= 30;\n            tell",
    },
    Mutant {
        lesson: "lesson00_fork",
        what: "the orphan is not collected",
        file: "src/endings.rs",
        from: "match wait() {",
        to: "match Err::<WaitStatus, _>(Errno::ECHILD) {",
    },
    Mutant {
        lesson: "lesson00_fork",
        what: "fork does not count the threads",
        file: "src/system.rs",
        from: "!= Some(true)",
        to: "== None",
    },
    Mutant {
        lesson: "lesson07_threads",
        what: "class runs its threads one after the other",
        file: "src/main.rs",
        from: "builder.spawn_scoped(s, || thread.run()).unwrap();",
        to: "builder.spawn_scoped(s, || thread.run()).unwrap().join().unwrap();",
    },
    Mutant {
        lesson: "lesson07_threads",
        what: "the two tasks run one after the other",
        file: "src/main.rs",
        from: "thread.spawn_scoped(s, run).unwrap()",
        to: "{ let t = thread.spawn_scoped(s, run).unwrap(); \
             while !t.is_finished() {} t }",
    },
    Mutant {
        lesson: "lesson07_threads",
        what: "nobody is busy but one thread",
        file: "src/cores.rs",
        from: "(1..=threads)\n",
        to: "(1..=threads.min(1))\n",
    },
    Mutant {
        lesson: "lesson07_threads",
        what: "main waits before the loop thread has begun",
        file: "src/main.rs",
        from: "thread.unwrap().join().unwrap();\n    println!(\"thread {} ended.\", name());",
        to: "println!(\"thread {} ended.\", name()); thread.unwrap().join().unwrap();",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "the lock is taken for each step and not for all",
        file: "src/main.rs",
        from: "let mut balance = balance.lock().unwrap();\n    drop(waiting);",
        to: "let balance = &mut balance.lock().unwrap().clone();\n    drop(waiting);",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "the loop writes back what it read without the lock",
        file: "src/main.rs",
        from: "let mut balance = balance.lock().unwrap();\n                    *balance += n;\n                    *balance -= n;",
        to: "let old = *balance.lock().unwrap(); thread::yield_now(); *balance.lock().unwrap() = old + n;",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "nobody is made to take turns",
        file: "src/race.rs",
        from: "let turn = &Barrier::new(2);",
        to: "let turn = &Barrier::new(1);",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "the fresh lock is shared by mistake",
        file: "src/main.rs",
        from: "both_inside.wait(); // With",
        to: "// With",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "the waiter waits without a limit",
        file: "src/waiting.rs",
        from: "lock.try_lock_for(at_pace(1.0)).is_some()",
        to: "{ let _ = at_pace(1.0); drop(lock.lock()); true }",
    },
    Mutant {
        lesson: "lesson08_lock",
        what: "nobody loses patience",
        file: "src/waiting.rs",
        from: "a, b, each_holds_one, 1.0)",
        to: "a, b, each_holds_one, FOR_EVER)",
    },
];

fn copy() -> PathBuf {
    root().join("target/mutants/workspace")
}

/// Copies what cargo needs, and touches only files that differ.
fn fresh_copy() -> io::Result<()> {
    fs::create_dir_all(copy())?;
    let needed = ["Cargo.toml", "Cargo.lock", "lessons", "shared", "tests"];
    for entry in needed.iter().chain(&["book"]) {
        mirror(&root().join(entry), &copy().join(entry))?;
    }
    Ok(())
}

fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            mirror(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let text = fs::read(from)?;
    if fs::read(to).ok().as_ref() != Some(&text) {
        fs::write(to, text)?;
    }
    Ok(())
}

/// Runs `cargo test` for a lesson in the copy. Its words, if it failed.
fn test(lesson: &str, more: &[&str]) -> Result<(), String> {
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["test", "--quiet", "--package", lesson, "--target-dir"])
        .arg(root().join("target/mutants/target"))
        .args(more)
        .env("HARNESS_DEADLINE", "15")
        .current_dir(copy())
        .output()
        .expect("cargo runs this test");
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words).into_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(words)
    }
}

/// How the change went unnoticed, if it did.
fn unnoticed(mutant: &Mutant) -> Option<String> {
    let Mutant {
        lesson,
        what,
        file,
        from,
        to,
    } = mutant;
    let path = copy().join("lessons").join(lesson).join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    let changed = text.replacen(from, to, 1);
    if text.matches(from).count() != 1 {
        return Some(format!("{lesson}: {what}: stands not once in {file}"));
    }
    fs::write(&path, changed).expect("the copy can be changed");
    let built = test(lesson, &["--no-run"]);
    let tested = test(lesson, &[]);
    fs::write(&path, text).expect("and changed back");
    match (built, tested) {
        (Err(words), _) => Some(format!("{lesson}: {what}: {words}")),
        (_, Ok(())) => Some(format!("{lesson}: {what}: all tests pass")),
        (Ok(()), Err(_)) => None,
    }
}

#[test]
#[ignore = "needs minutes: builds and tests every mutant"]
fn every_mutant_turns_a_test_red() {
    fresh_copy().expect("the workspace can be copied");
    let mut lessons: Vec<_> = MUTANTS.iter().map(|m| m.lesson).collect();
    lessons.dedup();
    for lesson in lessons {
        let unchanged = test(lesson, &[]);
        assert_eq!(unchanged, Ok(()), "{lesson} must pass unchanged");
    }
    let faults: Vec<_> = MUTANTS.iter().filter_map(unnoticed).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
