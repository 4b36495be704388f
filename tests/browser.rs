//! The book in a real browser: a desktop and a phone, light and dark. No page
//! may report an error, scroll sideways, or shut a reader out.
//!
//! `tests/run` installs what this needs, and runs it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);
const THEMES: [&str; 2] = ["light", "navy"];

// Keys, as WebDriver writes them.
const ARROW_RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";

/// How long something may hang before the test says so.
const DEADLINE: Duration = Duration::from_secs(120);

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_desktop() {
    assert_sound(DESKTOP, &THEMES);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_phone() {
    assert_sound(PHONE, &THEMES);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_in_the_other_themes() {
    assert_sound(DESKTOP, &["rust", "coal", "ayu"]);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn the_search_finds_a_word_of_the_book() {
    let book = Book::build();
    let browser = Browser::start(DESKTOP);
    for theme in THEMES {
        browser.open(&book.page("index.html"));
        browser.choose(theme);
        browser.open(&book.page("index.html"));
        browser.click("#mdbook-search-toggle");
        browser.press("#mdbook-searchbar", "Mutex");
        browser.wait_for("#mdbook-searchresults li a");
        assert_none(&browser.faults());
        browser.click("#mdbook-searchresults li a");
        browser.wait_for("main mark");
        let mark = "return document.querySelector('main mark').innerText";
        let mark = browser.run(mark);
        assert_eq!(mark.as_str().map(str::to_lowercase), Some("mutex".into()));
    }
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn the_keys_open_the_contents_and_scroll_what_is_wide() {
    let book = Book::build();
    let browser = Browser::start(PHONE);
    browser.open(&book.page("lesson08_lock.html"));
    browser.press("main pre > code[tabindex]", ARROW_RIGHT);
    let scrolled = "[...document.querySelectorAll('main pre > code')]
        .some(code => code.scrollLeft > 0)";
    browser.wait_until(scrolled);
    let contents = "button[aria-controls=mdbook-sidebar]";
    browser.press(contents, ENTER);
    browser.wait_for("html.sidebar-visible");
    browser.wait_for(&format!("{contents}[aria-expanded=true]"));
    browser.wait_until(
        "document.getElementById('mdbook-sidebar')
            .getBoundingClientRect().left === 0",
    );
    assert_none(&browser.faults());
    browser.press(contents, ENTER);
    browser.wait_for("html:not(.sidebar-visible)");
    browser.wait_for(&format!("{contents}[aria-expanded=false]"));
    let page = browser.run("return location.pathname");
    assert!(page.as_str().is_some_and(|p| p.ends_with("lesson08_lock.html")));
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_fault_of_a_broken_page_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("broken.html");
    fs::write(&page, BROKEN).expect("a page");
    let browser = Browser::start(PHONE);
    browser.open(&url(&page));
    let faults = browser.faults().join("\n");
    for fault in ["no_such_function", "main is wider", "color-contrast"] {
        assert!(faults.contains(fault), "{fault} in\n{faults}");
    }
}

const BROKEN: &str = "<!doctype html><html lang=en><title>A page</title>
<meta name=viewport content='width=device-width'>
<main style='overflow:auto'><h1 style='color:#ccc;background:#fff'>Pale</h1>
<div style='width:1000px;height:9px'></div></main>
<script>no_such_function()</script>";

/// Opens every page in each theme, takes its picture and lists its faults.
fn assert_sound(size: (u32, u32), themes: &[&str]) {
    let book = Book::build();
    let browser = Browser::start(size);
    browser.open(&book.page("index.html"));
    let mut faults = Vec::new();
    for theme in themes {
        browser.choose(theme);
        for page in book.pages() {
            browser.open(&book.page(&page));
            browser.wait_for(&format!("html.{theme}.js"));
            let name = format!("{page}-{}-{theme}", size.0);
            let found = browser.faults().into_iter();
            faults.extend(found.map(|fault| format!("{name}: {fault}")));
            if THEMES.contains(theme) {
                browser.take_picture(&name.replace(".html", ""));
            }
        }
    }
    assert_none(&faults);
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The book, built afresh.
struct Book(TempDir);

impl Book {
    fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let built = Command::new(env!("CARGO_BIN_EXE_book"))
            .arg("--dest")
            .arg(folder.path())
            .output()
            .expect("the book's builder starts");
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "the book does not build: {said}");
        Self(folder)
    }

    /// The names of its pages; those for paper and for a browser without
    /// scripts are not for this one.
    fn pages(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.path()).expect("the book's folder");
        let names = files.map(|file| file.expect("a file").file_name());
        let mut pages: Vec<_> = names
            .filter_map(|name| name.into_string().ok())
            .filter(|name| name.ends_with(".html"))
            .filter(|name| name != "print.html" && name != "toc.html")
            .collect();
        pages.sort();
        assert!(pages.len() > 1, "the book has chapters: {pages:?}");
        pages
    }

    fn page(&self, name: &str) -> String {
        url(&self.0.path().join(name))
    }
}

fn url(file: &Path) -> String {
    format!("file://{}", file.display())
}

/// The folder that cargo builds in.
fn target() -> &'static Path {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR"));
    ours.parent().expect("it lies in the target folder")
}

/// The checker of accessibility, a script.
fn axe() -> String {
    let usual = target().join("tools/node_modules/axe-core/axe.min.js");
    let file = std::env::var_os("AXE").map_or(usual, PathBuf::from);
    fs::read_to_string(&file).unwrap_or_else(|_| {
        let install = "npm install --prefix target/tools axe-core";
        panic!("no {}: {install}, or set AXE", file.display())
    })
}

/// One browser, and the driver that holds its strings. Both end with it.
struct Browser {
    _driver: Driver,
    agent: Agent,
    session: String,
    axe: String,
    _scratch: TempDir,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Driver {
    /// Starts it, and returns the port that it has chosen. It and its browser
    /// keep their files in `scratch`.
    fn start(scratch: &Path) -> (Self, u16) {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", scratch) // What they leave goes with it.
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("install chromium and chromedriver: {error}")
            });
        let stdout = child.stdout.take().expect("it is piped");
        let mut stdout = BufReader::new(stdout);
        let port = stdout.by_ref().lines().map_while(Result::ok);
        let port = port
            .filter_map(|line| {
                let (_, port) = line.rsplit_once("successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .next();
        // It stays open: the driver may have more to say.
        child.stdout = Some(stdout.into_inner());
        (Self(child), port.expect("chromedriver says where it listens"))
    }
}

impl Browser {
    fn start(size: (u32, u32)) -> Self {
        let axe = axe();
        let scratch = tempfile::tempdir().expect("a folder");
        let (driver, port) = Driver::start(scratch.path());
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(DEADLINE))
            .build()
            .into();
        let mut browser = Self {
            _driver: driver,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            axe,
            _scratch: scratch,
        };
        let wanted = capabilities(size, browser._scratch.path());
        let answer = browser.post("", wanted);
        let id = answer["sessionId"].as_str().expect("a session");
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    fn post(&self, command: &str, body: Value) -> Value {
        let url = format!("{}{command}", self.session);
        let answer = self.agent.post(&url).send_json(body);
        let answer = answer.and_then(|mut answer| {
            // A long page makes a large picture.
            let body = answer.body_mut().with_config();
            body.limit(100 << 20).read_json()
        });
        let mut answer: Value =
            answer.unwrap_or_else(|error| panic!("{command}: {error}"));
        let value = answer["value"].take();
        if let Some(message) = value["message"].as_str()
            && value["error"].is_string()
        {
            panic!("the browser, at {command:?}: {message}");
        }
        value
    }

    fn open(&self, url: &str) {
        self.post("/url", json!({ "url": url }));
    }

    fn run(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.post("/execute/sync", body)
    }

    fn element(&self, selector: &str) -> String {
        let find = json!({ "using": "css selector", "value": selector });
        let element = self.post("/element", find);
        let id = element.as_object().and_then(|e| e.values().next());
        let id = id.and_then(Value::as_str).expect("an element has an id");
        format!("/element/{id}")
    }

    fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("{element}/click"), json!({}));
    }

    /// Types the keys into an element.
    fn press(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        let value = format!("{element}/value");
        self.post(&value, json!({ "text": keys }));
    }

    /// Sets the theme of the pages that are opened from now on.
    fn choose(&self, theme: &str) {
        let store = format!("localStorage.setItem('mdbook-theme', '{theme}')");
        self.run(&store);
    }

    fn wait_for(&self, selector: &str) {
        self.wait_until(&format!("!!document.querySelector('{selector}')"));
    }

    fn wait_until(&self, condition: &str) {
        let start = Instant::now();
        let script = format!("return {condition}");
        while self.run(&script) != true {
            assert!(start.elapsed() < DEADLINE, "never true: {condition}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is wrong with the page that is open.
    fn faults(&self) -> Vec<String> {
        let mut faults = self.severe_messages();
        for script in [WIDER_THAN_THE_WINDOW, VIOLATIONS] {
            if script == VIOLATIONS {
                self.run(&self.axe);
            }
            let body = json!({ "script": script, "args": [] });
            let found = self.post("/execute/async", body);
            let found = found.as_array().expect("a list of faults").iter();
            faults.extend(found.map(|f| f.as_str().unwrap_or("?").into()));
        }
        faults
    }

    /// What the console holds since the page before, if it is severe.
    fn severe_messages(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({ "type": "browser" }));
        let log = log.as_array().expect("a list of messages").iter();
        log.filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| format!("console: {}", entry["message"]))
            .collect()
    }

    /// The whole page, as long as it is.
    fn take_picture(&self, name: &str) {
        let options = json!({
            "captureBeyondViewport": true,
            "optimizeForSpeed": true,
        });
        let command = json!({
            "cmd": "Page.captureScreenshot",
            "params": options,
        });
        let picture = self.post("/goog/cdp/execute", command);
        let picture = picture["data"].as_str().expect("a picture");
        let picture = BASE64_STANDARD.decode(picture).expect("base64");
        let folder = target().join("screenshots");
        fs::create_dir_all(&folder).expect("a folder for the pictures");
        fs::write(folder.join(format!("{name}.png")), picture)
            .expect("the picture is written");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without a session the browser goes; its driver goes after it.
        let _ = self.agent.delete(&self.session).call();
    }
}

/// A browser of this size that asks nobody anything.
fn capabilities((width, height): (u32, u32), scratch: &Path) -> Value {
    let args = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        &format!("--window-size={width},{height}"),
        &format!("--user-data-dir={}", scratch.join("profile").display()),
    ];
    let mut options = json!({ "args": args });
    if (width, height) == PHONE {
        options["mobileEmulation"] = json!({ "deviceMetrics": {
            "width": width, "height": height, "pixelRatio": 2,
        } });
    }
    json!({ "capabilities": { "alwaysMatch": {
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    } } })
}

/// The parts of the page that would have to be scrolled sideways. What scrolls
/// by itself within them, a figure or a long line of code, is none.
const WIDER_THAN_THE_WINDOW: &str = "
const done = arguments[arguments.length - 1];
const parts = 'html, body, .page, .content, main, main > p, main > blockquote';
done([...document.querySelectorAll(parts)]
    .filter(part => part.scrollWidth > part.clientWidth + 1)
    .map(part => `${part.localName} is wider than the window: `
        + `${part.scrollWidth} in ${part.clientWidth}`));";

const VIOLATIONS: &str = "
const done = arguments[arguments.length - 1];
axe.run({ preload: false }).then(
    result => done(result.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target}: ${node.failureSummary}`))),
    error => done([`axe: ${error}`]));";
