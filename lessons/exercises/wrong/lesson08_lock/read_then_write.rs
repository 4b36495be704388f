use std::sync::Mutex;

/// An account: its number, which no other account has, and its balance.
pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

/// Moves `amount` from one account to another.
pub fn transfer(from: &Account, to: &Account, amount: i64) {
    if from.number == to.number {
        return;
    }
    let from_balance = *from.balance.lock().unwrap();
    let to_balance = *to.balance.lock().unwrap();
    *from.balance.lock().unwrap() = from_balance - amount;
    *to.balance.lock().unwrap() = to_balance + amount;
}
