//! The threads of a pool outlive the tasks, and so do their values.

use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use shared::{nap, timeline};

/// The user who logs in with a request; `None` is a guest.
type Login = Option<&'static str>;

const GUESTS: [Login; 2] = [None, None];
const STUDENTS: [Login; 2] = [Some("ABC"), Some("DEF")];

// ANCHOR: pool_reuse
thread_local! {
    /// The user who is logged in on this thread.
    static USER: Cell<Login> = const { Cell::new(None) };
}

pub fn pool_reuse() -> Result<(), ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(2);
    let pool = &pool.thread_name(|k| format!("Pool_{k}")).build()?;

    println!("Left behind:");
    two_at_once(pool, STUDENTS, leaves_behind);
    let guests = two_at_once(pool, GUESTS, leaves_behind);
    assert!(!guests.contains(&None), "every guest is taken for a student");

    println!("Restored by a guard:");
    two_at_once(pool, STUDENTS, restores);
    let guests = two_at_once(pool, GUESTS, leaves_behind);
    assert_eq!(guests, GUESTS, "nothing was left behind");

    println!("Passed as an argument:");
    two_at_once(pool, STUDENTS, passes);
    let guests = two_at_once(pool, GUESTS, passes);
    assert_eq!(guests, GUESTS, "there is nothing to leave behind");
    Ok(())
}

/// Runs a task on each of the two threads: neither can finish before both have
/// started.
fn two_at_once(
    pool: &ThreadPool,
    [one, two]: [Login; 2],
    task: fn(Login) -> Login,
) -> [Login; 2] {
    let both_started = &Barrier::new(2);
    let task = |login| {
        both_started.wait();
        task(login)
    };
    pool.join(|| task(one), || task(two)).into()
}
// ANCHOR_END: pool_reuse

// ANCHOR: leaves_behind
/// The trap: it binds a user who logs in, and never unbinds.
fn leaves_behind(login: Login) -> Login {
    if login.is_some() {
        USER.set(login);
    }
    serve(login, USER.get())
}
// ANCHOR_END: leaves_behind

// ANCHOR: Session
/// The first cure: a guard binds, and unbinds when it is dropped.
fn restores(login: Login) -> Login {
    let _session = Session::open(login);
    serve(login, USER.get())
}

struct Session;

impl Session {
    fn open(login: Login) -> Self {
        USER.set(login);
        Self
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        USER.set(None);
    }
}
// ANCHOR_END: Session

// ANCHOR: passes
/// The second cure: an argument belongs to its call, not to a thread.
fn passes(login: Login) -> Login {
    serve(login, login)
}
// ANCHOR_END: passes

/// Prints the client that this thread serves, and as which user.
fn serve(login: Login, user: Login) -> Login {
    let thread = thread::current();
    let thread = thread.name().expect("the pool names its threads");
    let client = login.unwrap_or("guest");
    let as_user = user.unwrap_or("nobody");
    println!("{thread} serves {client}, logged in as {as_user}");
    let label = format!("{client}: {as_user}");
    let _span = match user {
        Some(_) => timeline::working(&label),
        None => timeline::waiting(&label),
    };
    nap(0.5);
    user
}
