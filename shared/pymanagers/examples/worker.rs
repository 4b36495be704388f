//! A worker of a Python master's, which ends at Ctrl-C or when it gets `None`.
use pymanagers::{Client, Key, from_value, to_value};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::{env, error::Error, time::Duration};

#[derive(serde::Deserialize, serde::Serialize)]
struct Order(u64, String);
fn work(Order(id, text): Order) -> Order {
    Order(id, text.to_uppercase())
}

fn main() -> Result<(), Box<dyn Error>> {
    static STOP: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| STOP.store(true, SeqCst))?;
    let key = Key::from(env::var("KEY")?.as_str());
    let client = Client::connect(env::var("MASTER")?, &key)?;
    let orders = client.proxy("orders")?;
    let answers = client.proxy("answers")?;
    while !STOP.load(SeqCst) {
        let order = match orders.get(Duration::from_secs(1)) {
            Err(error) if error.is_empty() => continue,
            Err(error) if error.is_shut_down() => break,
            order => from_value::<Option<Order>>(order?)?,
        };
        let Some(order) = order else { break };
        answers.put(to_value(&work(order))?, Duration::MAX)?;
        orders.task_done()?;
    }
    Ok(())
}
