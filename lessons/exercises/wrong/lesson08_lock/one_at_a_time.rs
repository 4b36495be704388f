use std::sync::Mutex;

/// An account: its number, which no other account has, and its balance.
pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

/// Moves `amount` from one account to another.
pub fn transfer(from: &Account, to: &Account, amount: i64) {
    *from.balance.lock().unwrap() -= amount;
    *to.balance.lock().unwrap() += amount;
}
