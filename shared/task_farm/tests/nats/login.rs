//! Our credentials, as the tools of NATS write them; and the errors for a login
//! or a certificate that is wrong.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use data_encoding::BASE64URL_NOPAD;
use nats_cluster::{Cluster, ClusterBuilder};
use nkeys::KeyPair;
use task_farm::{Error, JobSettings, Task, create_job};

use super::LONG;

pub fn start(config: &str) -> Cluster {
    let builder = ClusterBuilder::new(1).config(config);
    builder.start().expect("a nats-server")
}

/// Whether a job can be used with this URL, of which `SERVER` is a part.
pub fn try_out(server: &Cluster, url: &str, key: &[u8]) -> Result<(), Error> {
    let address = server.address(0).to_string();
    let settings = JobSettings { lease: LONG, tries: 5, replicas: 1 };
    let mut job = create_job(&url.replace("SERVER", &address), key, settings)?;
    let new = job.put(&[Task { id: 0, body: 7.into() }])?;
    assert_eq!(new, 1);
    job.remove()
}

#[track_caller]
pub fn assert_refused(result: Result<(), Error>, why: &str) {
    match result {
        Err(Error::Failed(error)) => assert!(error.contains(why), "{error}"),
        other => panic!("not refused at once: {other:?}"),
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_password_may_have_any_character() {
    let server =
        start("authorization { user: \"a@b\", password: \"x/y?%:,\" }");
    let url = "nats://a%40b:x%2Fy%3F%25%3A%2C@SERVER/job";
    assert_eq!(try_out(&server, url, b""), Ok(()));
    let key = b"x/y?%:,";
    assert_eq!(try_out(&server, "nats://a%40b@SERVER/job", key), Ok(()));
    let wrong = "nats://a%40b:x@SERVER/job";
    assert_refused(try_out(&server, wrong, b""), "another user or key");
}

#[test]
#[ignore = "needs nats-server"]
fn a_token_is_a_user_without_a_key_or_a_key_without_a_user() {
    let server = start("authorization { token: \"s3/cret\" }");
    let url = "nats://s3%2Fcret@SERVER/job";
    assert_eq!(try_out(&server, url, b""), Ok(()));
    assert_eq!(try_out(&server, "nats://SERVER/job", b"s3/cret"), Ok(()));
    let wrong = "nats://secret@SERVER/job";
    assert_refused(try_out(&server, wrong, b""), "another user or key");
}

#[test]
#[ignore = "needs nats-server"]
fn a_seed_is_read_from_its_file() {
    let pair = KeyPair::new_user();
    let nkey = pair.public_key();
    let config = format!("authorization {{ users: [ {{ nkey: {nkey} }} ] }}");
    let server = start(&config);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        format!("nats://SERVER/job?nkey={}", path.display())
    };
    let seed = pair.seed().unwrap();
    let url = write("good", &format!("# a seed\n{seed}\n"));
    assert_eq!(try_out(&server, &url, b""), Ok(()));
    let url = write("empty", "");
    assert_refused(try_out(&server, &url, b""), "empty: it holds no seed");
    let url = write("wrong", "SUNONSENSE");
    assert_refused(try_out(&server, &url, b""), "signing");
    let other = KeyPair::new_user().seed().unwrap();
    let url = write("other", &other);
    assert_refused(try_out(&server, &url, b""), "another user or key");
    let url = "nats://SERVER/job?nkey=/no/such/file";
    assert_refused(try_out(&server, url, b""), "/no/such/file: No such file");
    let url = "nats://SERVER/job?creds=/no/such/file";
    assert_refused(try_out(&server, url, b""), "/no/such/file: No such file");
}

/// What `issuer` says of the owner of another key.
fn jwt(issuer: &KeyPair, subject: &KeyPair, claims: &str) -> String {
    let header = r#"{"typ":"JWT","alg":"ed25519-nkey"}"#;
    let issuer_key = issuer.public_key();
    let subject = subject.public_key();
    let body = format!(
        r#"{{"jti":"-","iat":1,"iss":"{issuer_key}","name":"throw-away","sub":"{subject}","nats":{{"version":2,{claims}}}}}"#
    );
    let parts = [header, &body].map(|it| BASE64URL_NOPAD.encode(it.as_bytes()));
    let text = parts.join(".");
    let signature = issuer.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

#[test]
#[ignore = "needs nats-server"]
fn credentials_are_read_from_their_file() {
    let operator = KeyPair::new_operator();
    let account = KeyPair::new_account();
    let user = KeyPair::new_user();
    let operator_jwt = jwt(&operator, &operator, r#""type":"operator""#);
    let limits = r#""type":"account","limits":{"subs":-1,"data":-1,
        "payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,
        "leaf":-1,"mem_storage":-1,"disk_storage":-1,"streams":-1,
        "consumer":-1}"#;
    let account_jwt = jwt(&operator, &account, limits);
    let system = KeyPair::new_account();
    let system_jwt = jwt(&operator, &system, r#""type":"account""#);
    let limits = r#""type":"user","subs":-1,"data":-1,"payload":-1"#;
    let user_jwt = jwt(&account, &user, limits);
    let server = start(&format!(
        "operator: \"{operator_jwt}\"\nresolver: MEMORY\n\
         system_account: {system}\nresolver_preload {{ \
         {account}: \"{account_jwt}\", {system}: \"{system_jwt}\" }}",
        account = account.public_key(),
        system = system.public_key(),
    ));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anna.creds");
    let url = format!("nats://SERVER/job?creds={}", file.display());
    let seed = user.seed().unwrap();
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{user_jwt}\n\
         ------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n\
         ------END USER NKEY SEED------\n"
    );
    fs::write(&file, text).unwrap();
    assert_eq!(try_out(&server, &url, b""), Ok(()));
    fs::write(&file, "nonsense").unwrap();
    assert_refused(try_out(&server, &url, b""), "anna.creds: cannot parse");
}

/// A certificate of this machine, signed by itself; `None` without `openssl`.
fn certificate(folder: &Path) -> Option<()> {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-days", "2"])
        .args(["-subj", "/CN=throw-away", "-addext"])
        .arg("subjectAltName=IP:127.0.0.1")
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|status| status.success()).then_some(())
}

#[test]
#[ignore = "needs nats-server"]
fn tls_needs_a_certificate_that_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    if certificate(path).is_none() {
        eprintln!("left out: TLS, as there is no openssl");
        return;
    }
    let tls = |verify: &str| {
        start(&format!(
            "tls {{ cert_file: {:?}, key_file: {:?} {verify} }}",
            path.join("cert.pem"),
            path.join("key.pem"),
        ))
    };
    let server = tls("");
    let ca = format!("tlsca={}/cert.pem", path.display());
    for scheme in ["tls", "nats"] {
        let url = format!("{scheme}://SERVER/job");
        let trusts = format!("{url}?{ca}");
        assert_eq!(try_out(&server, &trusts, b""), Ok(()));
        assert_refused(try_out(&server, &url, b""), "certificate");
    }
    let server = tls(&format!(
        ", ca_file: \"{}/cert.pem\", verify: true",
        path.display()
    ));
    let url = format!("tls://SERVER/job?{ca}");
    assert!(try_out(&server, &url, b"").is_err(), "it wants one of ours");
    let ours =
        format!("tlscert={0}/cert.pem&tlskey={0}/key.pem", path.display());
    assert_eq!(try_out(&server, &format!("{url}&{ours}"), b""), Ok(()));
    let plain = start("");
    let url = format!("tls://SERVER/job?{ca}");
    assert_refused(try_out(&plain, &url, b""), "127.0.0.1");
}
