use std::sync::Mutex;

/// An account: its number, which no other account has, and its balance.
pub struct Account {
    pub number: u32,
    pub balance: Mutex<i64>,
}

/// Moves `amount` from one account to another.
pub fn transfer(from: &Account, to: &Account, amount: i64) {
    let mut from_guard;
    let mut to_guard;
    if from.number < to.number {
        from_guard = from.balance.lock().unwrap();
        to_guard = to.balance.lock().unwrap();
    } else {
        to_guard = to.balance.lock().unwrap();
        from_guard = from.balance.lock().unwrap();
    }
    *from_guard -= amount;
    *to_guard += amount;
}
