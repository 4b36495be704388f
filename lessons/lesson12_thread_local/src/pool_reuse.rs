//! The threads of a pool outlive the tasks, and so do their values.

use std::cell::Cell;
use std::sync::Barrier;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use shared::{nap, timeline};

/// Who logs in with a request; `None` is a guest.
type Login = Option<&'static str>;

const GUESTS: [Login; 2] = [None, None];
const STUDENTS: [Login; 2] = [Some("ABC"), Some("DEF")];

// ANCHOR: pool_reuse
thread_local! {
    /// Who is logged in on this thread.
    static USER: Cell<Login> = const { Cell::new(None) };
}

pub fn pool_reuse() -> Result<(), ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(2);
    let pool = &pool.thread_name(|k| format!("Pool_{k}")).build()?;

    println!("Left behind:");
    two_at_once(pool, STUDENTS, leaves_behind);
    let guests = two_at_once(pool, GUESTS, leaves_behind);
    assert!(!guests.contains(&None), "every guest is taken for somebody");

    println!("Taken back by a guard:");
    two_at_once(pool, STUDENTS, takes_back);
    let guests = two_at_once(pool, GUESTS, leaves_behind);
    assert_eq!(guests, GUESTS, "nothing was left behind");

    println!("Handed over as an argument:");
    two_at_once(pool, STUDENTS, hands_over);
    let guests = two_at_once(pool, GUESTS, hands_over);
    assert_eq!(guests, GUESTS, "there is nothing to leave behind");
    Ok(())
}

/// A task on each of the two threads: none can end before both have begun.
fn two_at_once(
    pool: &ThreadPool,
    [one, two]: [Login; 2],
    task: fn(Login) -> Login,
) -> [Login; 2] {
    let both_there = &Barrier::new(2);
    let task = |login| {
        both_there.wait();
        task(login)
    };
    pool.join(|| task(one), || task(two)).into()
}
// ANCHOR_END: pool_reuse

// ANCHOR: leaves_behind
/// The trap: it binds for those who log in, and nobody unbinds.
fn leaves_behind(login: Login) -> Login {
    if login.is_some() {
        USER.set(login);
    }
    serve(login, USER.get())
}
// ANCHOR_END: leaves_behind

// ANCHOR: Session
/// The cure: whoever binds holds a guard, and its end unbinds.
fn takes_back(login: Login) -> Login {
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

// ANCHOR: hands_over
/// The other cure: an argument belongs to its call, and not to a thread.
fn hands_over(login: Login) -> Login {
    serve(login, login)
}
// ANCHOR_END: hands_over

/// Says who is served on this thread, and as whom.
fn serve(login: Login, user: Login) -> Login {
    let thread = thread::current();
    let thread = thread.name().expect("the pool names its threads");
    let who = login.unwrap_or("guest");
    let as_whom = user.unwrap_or("nobody");
    println!("{thread} serves {who}, logged in as {as_whom}");
    let label = format!("{who}: {as_whom}");
    let _span = match user {
        Some(_) => timeline::working(&label),
        None => timeline::waiting(&label),
    };
    nap(0.5);
    user
}
