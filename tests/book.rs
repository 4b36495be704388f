//! The book, the README and what they include have no faults.
//! `cargo run -p book -- check` says the same, and says it sooner.

#[test]
fn the_project_has_no_faults() {
    let faults = book::check::faults(&harness::root());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
