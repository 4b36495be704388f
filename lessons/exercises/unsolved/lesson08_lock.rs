//! # Exercise 8: a transfer between two accounts
//!
//! Many threads move money between many accounts, each of which has its own
//! lock. Write `transfer`: it takes `amount` from one account and adds it to
//! the other. A balance may become negative.
//!
//! - Another thread that holds both locks never sees money missing or doubled.
//! - Transfers in opposite directions never block each other forever.
//! - A transfer from an account to itself changes nothing, and returns.
//!
//! Check it: `cargo test -p exercises lesson08_lock`

use std::sync::Mutex;

/// An account: its number, which no other account has, and its balance.
pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

/// Moves `amount` from one account to another.
pub fn transfer(from: &Account, to: &Account, amount: i64) {
    todo!()
}
