//! Two threads transfer in opposite directions while a third one adds up, in
//! every interleaving.

use std::sync::Arc;

use shuttle::sync::Mutex;
use shuttle::thread;

use super::answer::{Account, transfer};
use crate::model;

pub fn check() -> Result<(), String> {
    model::search(
        "stuck: transfer(1, 1) waits for a lock that its own thread holds",
        to_itself,
    )?;
    model::search(
        "stuck: one thread holds 1 and waits for 2, the other holds 2 and \
         waits for 1",
        opposite_directions,
    )?;
    model::search("stuck: the transfer and the thread that adds up", adding_up)
}

fn to_itself() {
    let account = account(1);
    transfer(&account, &account, 30);
    let balance = *account.balance.lock().unwrap();
    assert!(
        balance == 100,
        "transfer(1, 1) changed the balance from 100 to {balance}"
    );
}

fn opposite_directions() {
    let [a, b] = [1, 2].map(|number| Arc::new(account(number)));
    let there = {
        let a = a.clone();
        let b = b.clone();
        thread::spawn(move || transfer(&a, &b, 30))
    };
    let back = {
        let a = a.clone();
        let b = b.clone();
        thread::spawn(move || transfer(&b, &a, 10))
    };
    there.join().unwrap();
    back.join().unwrap();
    let balances = [&a, &b].map(|it| *it.balance.lock().unwrap());
    assert!(
        balances == [80, 120],
        "an update was lost: 100 - 30 + 10 and 100 + 30 - 10 became \
         {balances:?}"
    );
}

fn adding_up() {
    let [a, b] = [1, 2].map(|number| Arc::new(account(number)));
    let moving = {
        let a = a.clone();
        let b = b.clone();
        thread::spawn(move || transfer(&b, &a, 30))
    };
    let first = a.balance.lock().unwrap();
    let second = b.balance.lock().unwrap();
    let sum = *first + *second;
    assert!(
        sum == 200,
        "a thread that held both locks saw {sum} instead of 200: the money \
         was on its way"
    );
    drop((first, second));
    moving.join().unwrap();
}

fn account(number: u32) -> Account {
    Account { number, balance: Mutex::new(100) }
}
