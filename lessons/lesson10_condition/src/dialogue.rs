//! A buyer and a seller say their lines in one order.

use std::thread;

use shared::{nap, timeline};

use crate::turns::Turns;

// ANCHOR: dialogue
const BUYER: &str = "Buyer";
const SELLER: &str = "Seller";

/// Speakers and their lines. The index of a line is the turn that it takes.
const LINES: [(&str, &str); 8] = [
    (BUYER, "I am taking both, can you make it cheaper?"),
    (SELLER, "I can, please place your order"),
    (BUYER, "I have placed it, please change the price"),
    (SELLER, "Done, I have changed it"),
    (BUYER, "Thank you, I have paid"),
    (BUYER, "Now I wait for the parcel"),
    (SELLER, "Your payment is here, I send the parcel at once"),
    (SELLER, "The parcel is on its way"),
];

pub fn dialogue() {
    for late in [BUYER, SELLER] {
        println!("{late} comes a second late:");
        let turns = &Turns::new();
        thread::scope(|s| {
            for me in [BUYER, SELLER] {
                s.spawn(move || talk(me, me == late, turns));
            }
        });
    }
}

/// Says the lines of `me`, each at its turn.
fn talk(me: &str, is_late: bool, turns: &Turns) {
    timeline::lane(me);
    if is_late {
        let _span = timeline::waiting("is late");
        nap(1.0); // The order of the lines does not depend on it.
    }
    for (mine, (speaker, line)) in LINES.iter().enumerate() {
        if *speaker != me {
            continue;
        }
        let waiting = timeline::waiting("waits");
        turns.take(mine, || {
            drop(waiting);
            let _span = timeline::working(&format!("{}", mine + 1));
            println!("{me}: {line}");
            nap(0.25);
        });
    }
}
// ANCHOR_END: dialogue
