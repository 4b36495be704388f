//! Limits of a server and of a stream: what another try would not change is
//! said at once. An error of another kind would mean half a minute of tries.

use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context};
use task_farm::{Done, Error, JobOwner, NatsJob, Report, TaskSource, Value};
use tokio::runtime::Runtime;

use super::login::{assert_refused, start, try_out};
use super::{LONG, SOON, create, open, server, tasks};

fn account(limits: &str) -> String {
    format!(
        "accounts {{ A {{ jetstream {{ {limits} }}, \
         users [ {{ user: anna, password: abc }} ] }} }}"
    )
}

#[test]
#[ignore = "needs nats-server"]
fn limits_of_an_account_are_said_at_once() {
    let url = "nats://anna:abc@SERVER/job";
    for (limits, why) in [
        ("max_streams: 1", "maximum number of streams reached"),
        ("max_bytes_required: true", "max bytes"),
    ] {
        let server = start(&account(limits));
        assert_refused(try_out(&server, url, b""), why);
    }
}

async fn engine() -> Context {
    let client = async_nats::connect(server().url()).await;
    jetstream::new(client.expect("a server"))
}

#[test]
#[ignore = "needs nats-server"]
fn subjects_of_another_stream_are_said_at_once() {
    Runtime::new().unwrap().block_on(async {
        let config = Config {
            name: "catches-all".into(),
            subjects: vec!["overlaps.>".into()],
            ..Config::default()
        };
        engine().await.create_stream(config).await.expect("a stream");
    });
    let url = "nats://SERVER/overlaps";
    assert_refused(try_out(server(), url, b""), "subjects overlap");
}

/// Has the stream take no more bytes than these in a message.
fn limit(stream: &str, bytes: i32) {
    Runtime::new().unwrap().block_on(async {
        let engine = engine().await;
        let stream = engine.get_stream(stream).await.expect("a stream");
        let mut config = stream.cached_info().config.clone();
        config.max_message_size = bytes;
        engine.update_stream(config).await.expect("it may be changed");
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_task_that_its_stream_does_not_take_is_named() {
    create("small-tasks", LONG);
    limit("small-tasks_tasks", 1000);
    let too_large = |mut job: NatsJob| job.put(&tasks(3, 900));
    let why = "task 0: it has 900 bytes, and the server takes 872";
    assert_eq!(too_large(open("small-tasks")), Err(Error::Failed(why.into())));
    assert_eq!(
        too_large(create("small-tasks", LONG)),
        too_large(open("small-tasks"))
    );
    assert_eq!(open("small-tasks").put(&tasks(3, 872)), Ok(3));
}

#[test]
#[ignore = "needs nats-server"]
fn a_result_that_its_stream_does_not_take_is_a_failure_of_its_task() {
    let mut owner = create("small-results", LONG);
    limit("small-results_results", 1000);
    owner.put(&tasks(1, 1)).unwrap();
    let mut worker = open("small-results");
    assert_eq!(worker.take(1, SOON).unwrap().len(), 1);
    let result = Value::Bytes(vec![0; 900]);
    worker.complete(&[Done { task: 0, result }]).unwrap();
    let why = "its result has 900 bytes, and the server takes 872".into();
    let failed = Report::Failed { task: 0, why };
    assert_eq!(owner.collect(SOON), Ok(vec![failed]));
}
