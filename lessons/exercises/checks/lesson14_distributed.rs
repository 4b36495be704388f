//! Two workers and two tasks; the time passes as it is told.

use super::answer::LeaseTable;

pub fn check() -> Result<(), String> {
    let mut table = LeaseTable::new(2, 10);
    expect("ann leases at 5", table.lease("ann", 5), Some(0))?;
    expect("bob leases at 6", table.lease("bob", 6), Some(1))?;
    let none = None;
    expect("at 14 both are leased, cy leases", table.lease("cy", 14), none)?;
    let again = table.lease("cy", 15);
    expect("ann's lease of 0 ends at 15, cy leases", again, Some(0))?;
    expect("bob sends 1 at 16: counts", table.complete("bob", 1), true)?;
    let late = table.complete("ann", 0);
    expect("ann sends 0 late, cy has not sent it: counts", late, true)?;
    expect("cy sends 0 as well: counts", table.complete("cy", 0), false)?;
    expect("bob sends 1 again: counts", table.complete("bob", 1), false)?;
    expect("results of ann", table.credit("ann"), 1)?;
    expect("results of bob", table.credit("bob"), 1)?;
    expect("results of cy", table.credit("cy"), 0)?;
    expect("all is complete, cy leases at 99", table.lease("cy", 99), none)
}

fn expect<T: PartialEq + std::fmt::Debug>(
    what: &str,
    got: T,
    expected: T,
) -> Result<(), String> {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, got {got:?}")),
    }
}
