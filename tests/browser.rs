//! The book in a real browser: from a phone to a wide screen, light and dark.
//! No page may report an error, scroll sideways, or shut a reader out.
//!
//! `tests/run` installs what this needs, and runs it.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

const WIDE: (u32, u32) = (1920, 1080);
const DESKTOP: (u32, u32) = (1280, 900);
const TABLET: (u32, u32) = (820, 1180);
const PHONE: (u32, u32) = (390, 844);
const THEMES: [&str; 2] = ["light", "navy"];

// Keys, as WebDriver writes them.
const ARROW_RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";
const PASTE: &str = "\u{e009}v\u{e000}";

/// What the search must find, by its name in Python and in Rust: the chapter
/// is among what is shown.
const NAMES: [(&str, &str); 16] = [
    ("lesson00_fork", "os.fork fork getpid getppid nix waitpid"),
    (
        "lesson01_process",
        "multiprocessing.Process Process active_children cpu_count exitcode \
         Command std::process::Command",
    ),
    ("lesson02_daemon", "daemon setDaemon daemon=True setsid Drop"),
    ("lesson03_join", "join is_alive wait_timeout thread::scope JoinHandle"),
    (
        "lesson04_pool",
        "Pool multiprocessing.Pool apply_async map_async terminate rayon \
         par_iter",
    ),
    (
        "lesson05_subprocess",
        "subprocess subprocess.call Popen communicate Exec Stdio::piped",
    ),
    (
        "lesson06_process_queue",
        "multiprocessing.Queue Pipe Value shared_memory mmap memmap2",
    ),
    (
        "lesson07_threads",
        "threading.Thread Thread current_thread thread::spawn num_cpus",
    ),
    (
        "lesson08_lock",
        "threading.Lock Lock acquire Mutex std::sync::Mutex Mutex::lock \
         try_lock_for",
    ),
    (
        "lesson09_rlock",
        "threading.RLock RLock ReentrantMutex parking_lot::ReentrantMutex",
    ),
    (
        "lesson10_condition",
        "threading.Condition Condition notify_all wait_for Condvar wait_while",
    ),
    ("lesson11_event", "threading.Event Event is_set Barrier Condvar"),
    ("lesson12_thread_local", "threading.local thread_local! thread_local"),
    (
        "lesson13_producer_consumer",
        "queue.Queue Queue queue.Empty task_done crossbeam bounded \
         crossbeam::channel::bounded Sender mpsc",
    ),
    (
        "lesson14_distributed",
        "multiprocessing.managers BaseManager authkey TcpListener hmac",
    ),
    ("python_to_rust", "queue.Queue crossbeam::channel thread_local!"),
];

/// How long something may hang before the test says so.
const DEADLINE: Duration = Duration::from_secs(300);

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_wide_screen() {
    assert_sound(WIDE, &THEMES, Rules::ButContrast);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_desktop() {
    assert_sound(DESKTOP, &THEMES, Rules::All);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_tablet() {
    assert_sound(TABLET, &THEMES, Rules::ButContrast);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_on_a_phone() {
    assert_sound(PHONE, &THEMES, Rules::All);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_page_is_sound_in_the_other_themes() {
    assert_sound(DESKTOP, &["rust", "coal", "ayu"], Rules::Contrast);
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn python_and_rust_stand_side_by_side_where_there_is_room() {
    let book = Book::build();
    for (size, beside, wide) in [
        (WIDE, "every", "every"),
        (DESKTOP, "no", "some"),
        (TABLET, "no", "some"),
    ] {
        let browser = Browser::start(size);
        let mut seen = 0;
        for page in book.pages() {
            browser.open(&book.page(&page));
            let pairs = browser.run(PAIRS);
            let pairs = pairs.as_array().expect("a list of pairs");
            seen += pairs.len();
            for pair in pairs {
                let is_beside = pair["beside"] == true;
                assert_eq!(is_beside, beside == "every", "{page}: {pair}");
                let scrolls = pair["scrolls"] == true;
                assert!(wide != "every" || !scrolls, "{page}: {pair}");
            }
        }
        assert!(seen > 40, "the chapters have pairs: {seen}");
    }
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn the_arrows_say_where_they_lead() {
    let book = Book::build();
    for size in [WIDE, PHONE] {
        let browser = Browser::start(size);
        browser.open(&book.page("lesson08_lock.html"));
        for (way, title) in [
            ("previous", "Previous: Lesson 7: Threads"),
            ("next", "Next: Lesson 9: RLock"),
        ] {
            let names = browser.run(&format!(
                "return [...document.querySelectorAll('nav > a.{way}')]
                    .map(link => link.getAttribute('aria-label'))",
            ));
            assert_eq!(names, json!([title, title]));
            let shown = format!(
                "document.querySelector('.content nav > a.{way}').innerText"
            );
            let shown = browser.run(&format!("return {shown}"));
            let shown = shown.as_str().expect("a text").replace('\n', " ");
            assert_eq!(shown.replace("  ", " "), title);
        }
        browser.click(".content nav > a.next");
        browser.wait_until("location.pathname.endsWith('09_rlock.html')");
    }
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn every_block_of_code_can_be_copied_with_the_keys() {
    let book = Book::build();
    let browser = Browser::start(DESKTOP);
    for page in book.pages() {
        browser.open(&book.page(&page));
        browser.run(
            "document.querySelectorAll('details').forEach(it => it.open = 1)",
        );
        let lost = browser.run(
            "return [...document.querySelectorAll('main pre > code')]
                .map(code => code.parentNode.querySelector('.clip-button'))
                .filter(button => !button?.ariaLabel.startsWith('Copy the ')
                    || !button.checkVisibility({visibilityProperty: true}))
                .length",
        );
        assert_eq!(lost, 0, "{page}");
    }
    browser.open(&book.page("lesson05_subprocess.html"));
    let copied = |nth: &str, kind: &str| {
        let button =
            format!("main {nth} > .buttons > [aria-label=\"Copy the {kind}\"]");
        browser.press(&button, ENTER);
        browser.wait_for("main .clip-button.tooltipped");
        browser.run("document.getElementById('mdbook-searchbar').value = ''");
        browser.run(
            "document.getElementById('mdbook-search-wrapper')
            .classList.remove('hidden')",
        );
        browser.press("#mdbook-searchbar", PASTE);
        browser.run("return document.getElementById('mdbook-searchbar').value")
    };
    // The lesson prints a line that begins with "$ " as well.
    let command = "cargo run -p lesson05_subprocess -- call";
    assert_eq!(copied("pre:has(+ h2)", "command"), command);
    let python = copied("pre", "Python");
    let python = python.as_str().expect("a text");
    assert!(python.starts_with("def "), "{python}");
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn paper_is_white_in_every_theme_and_cuts_nothing_off() {
    let book = Book::build();
    let browser = Browser::start(TABLET);
    browser.send(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({
            "source": "window.print = () => {}",
        }),
    );
    browser.open(&book.page("index.html"));
    browser.choose("navy");
    browser.send("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    browser.open(&book.page("print.html"));
    assert_eq!(browser.run(PALE_ON_PAPER), json!([]));
    let cut = browser.run(
        "return [...document.querySelectorAll('main pre > code, main svg')]
            .filter(part => part.scrollWidth > part.clientWidth + 1
                || part.getBoundingClientRect().right > innerWidth)
            .map(part => part.textContent.slice(0, 60))",
    );
    assert_eq!(cut, json!([]));
    let shown = browser.run(
        "return [...document.querySelectorAll('nav, .clip-button')]
            .filter(part => part.checkVisibility()).length",
    );
    assert_eq!(shown, 0, "buttons on paper");
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn a_phone_shows_pictures_whole_or_says_that_they_scroll() {
    let book = Book::build();
    let browser = Browser::start(PHONE);
    let mut seen = 0;
    for page in book.pages() {
        browser.open(&book.page(&page));
        assert_eq!(browser.run(CUT_OFF), json!([]), "{page}");
        let says = browser.run(SAYS_THAT_IT_SCROLLS);
        for part in says.as_array().expect("a list of parts") {
            assert_eq!(part["scrolls"], part["says"], "{page}: {part}");
            seen += usize::from(part["scrolls"] == true);
        }
    }
    assert!(seen > 20, "timelines are wider than a phone: {seen}");
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn the_search_finds_every_primitive_by_both_names() {
    let book = Book::build();
    let browser = Browser::start(DESKTOP);
    browser.open(&book.page("index.html"));
    browser.click("#mdbook-search-toggle");
    browser.press("#mdbook-searchbar", "Mutex");
    browser.wait_for("#mdbook-searchresults li a");
    let mut lost = Vec::new();
    for (chapter, names) in NAMES {
        for name in names.split_whitespace() {
            let found = browser.run(&SEARCH.replace("NAME", name));
            let found = found.as_array().expect("a list of links");
            let is_chapter = |link: &Value| {
                link.as_str().is_some_and(|link| link.contains(chapter))
            };
            if !found.iter().any(is_chapter) {
                lost.push(format!("{name}: {chapter} is not in {found:?}"));
            }
        }
    }
    assert_none(&lost);
    let nothing = browser.run(&SEARCH.replace("NAME", "no_such_primitive"));
    assert_eq!(nothing, json!([]));
}

#[test]
#[ignore = "needs chromium and chromedriver, and axe-core in target/tools"]
fn a_lost_reader_is_led_back_wherever_the_book_is() {
    let book = Book::build_for("/some/where/");
    let port = serve(book.0.path().into(), "/some/where/");
    let browser = Browser::start(DESKTOP);
    let site = format!("http://127.0.0.1:{port}/some/where");
    browser.open(&format!("{site}/no/such/page.html"));
    let faults = browser.faults(Rules::All);
    // That the page is not there is reported, and nothing else.
    let is_other = |fault: &&String| !fault.contains("page.html - Failed");
    let others: Vec<_> = faults.into_iter().collect();
    let others: Vec<_> = others.iter().filter(is_other).collect();
    assert!(others.is_empty(), "{others:#?}");
    browser.click("main a:not(.header)");
    browser.wait_until("location.pathname === '/some/where/introduction.html'");
    browser.click("nav > a.next");
    browser.wait_for("main pre");
    assert_none(&browser.faults(Rules::All));
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
        assert_none(&browser.faults(Rules::All));
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
    assert_none(&browser.faults(Rules::All));
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
    let faults = browser.faults(Rules::All).join("\n");
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
fn assert_sound(size: (u32, u32), themes: &[&str], rules: Rules) {
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
            let found = browser.faults(rules).into_iter();
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

/// What is looked for. The contrast of a page is the same at every size, and
/// takes longer than all else; in another theme only the contrast is another.
#[derive(Clone, Copy, PartialEq)]
enum Rules {
    All,
    ButContrast,
    Contrast,
}

impl Rules {
    /// The options of the checker.
    fn options(self) -> Value {
        let off = json!({ "color-contrast": { "enabled": false } });
        match self {
            Self::All => json!({ "preload": false }),
            Self::ButContrast => json!({ "preload": false, "rules": off }),
            Self::Contrast => {
                json!({ "preload": false, "runOnly": ["color-contrast"] })
            }
        }
    }
}

/// The book, built afresh.
struct Book(TempDir);

impl Book {
    fn build() -> Self {
        Self::build_for("/")
    }

    /// For the folder of a site.
    fn build_for(site_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let built = Command::new(env!("CARGO_BIN_EXE_book"))
            .arg("--dest")
            .arg(folder.path())
            .env("MDBOOK_OUTPUT__HTML__SITE_URL", site_url)
            .output()
            .expect("the book's builder starts");
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "the book does not build: {said}");
        Self(folder)
    }

    /// The names of its pages; those for paper, for a browser without scripts
    /// and for what is not there are not for this one.
    fn pages(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.path()).expect("the book's folder");
        let names = files.map(|file| file.expect("a file").file_name());
        let mut pages: Vec<_> = names
            .filter_map(|name| name.into_string().ok())
            .filter(|name| name.ends_with(".html"))
            .filter(|name| {
                !["print.html", "toc.html", "404.html"].contains(&&**name)
            })
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

/// Serves a folder under a path, as GitHub Pages does, and returns the port.
fn serve(folder: PathBuf, under: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser opens some that it does not use.
            thread::spawn(move || answer(stream, &folder, under));
        }
    });
    port
}

fn answer(mut stream: TcpStream, folder: &Path, under: &str) -> io::Result<()> {
    let mut request = String::new();
    BufReader::new(&stream).read_line(&mut request)?;
    let path = request.split([' ', '?']).nth(1).unwrap_or_default();
    let file = path.strip_prefix(under).map(|path| folder.join(path));
    let found = file.as_ref().and_then(|file| fs::read(file).ok());
    let (status, body) = match found {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", fs::read(folder.join("404.html"))?),
    };
    let kind = match path.rsplit_once('.') {
        Some((_, "css")) => "text/css",
        Some((_, "js")) => "text/javascript",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/html",
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
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

    /// Gives the browser a command of its own protocol.
    fn send(&self, command: &str, params: Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.post("/goog/cdp/execute", body)
    }

    /// What is wrong with the page that is open.
    fn faults(&self, rules: Rules) -> Vec<String> {
        let mut faults = self.severe_messages();
        for script in [WIDER_THAN_THE_WINDOW, VIOLATIONS] {
            if script == VIOLATIONS {
                self.run(&self.axe);
            }
            let args = [rules.options()];
            let body = json!({ "script": script, "args": args });
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
        let picture = self.send("Page.captureScreenshot", options);
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
axe.run(arguments[0]).then(
    result => done(result.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target}: ${node.failureSummary}`))),
    error => done([`axe: ${error}`]));";

/// The blocks of code that belong together: whether they stand side by side,
/// and whether one of them must be scrolled.
const PAIRS: &str = "
return [...document.querySelectorAll('main > .pair')].map(pair => {
    const [python, rust] = ['python', 'rust'].map(
        name => pair.querySelector(`.language-${name}`));
    const [left, right] = [python, rust].map(
        code => code.getBoundingClientRect());
    return {
        begins: python.textContent.slice(0, 40),
        beside: left.top === right.top && left.right < right.left,
        scrolls: [python, rust].some(
            code => code.scrollWidth > code.clientWidth),
    };
});";

/// The texts of pictures that are cut off at a side, or touch another.
const CUT_OFF: &str = "
const faults = [];
for (const svg of document.querySelectorAll('main figure.picture svg')) {
    const whole = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(
        text => [text.textContent, text.getBoundingClientRect()]);
    texts.forEach(([text, box], i) => {
        if (box.left < whole.left - 2 || box.right > whole.right + 1) {
            faults.push(`${text}: cut off`);
        }
        for (const [other, its] of texts.slice(i + 1)) {
            if (box.left < its.right + 2 && its.left < box.right + 2
                && box.top + 3 < its.bottom && its.top + 3 < box.bottom) {
                faults.push(`${text}: touches ${other}`);
            }
        }
    });
}
return faults;";

/// Whether what may be wide must be scrolled, and whether it says so.
const SAYS_THAT_IT_SCROLLS: &str = "
const wide = 'main figure.picture, main .table-wrapper';
return [...document.querySelectorAll(wide)].map(part => ({
    begins: part.textContent.trim().slice(0, 40),
    scrolls: part.scrollWidth > part.clientWidth,
    says: getComputedStyle(part, '::before').content.includes('slide it'),
}));";

/// The texts that are too pale for white paper.
const PALE_ON_PAPER: &str = "
const light = ([r, g, b]) => 0.3 * r + 0.6 * g + 0.1 * b;
const parts = 'main p, main li, main td, main th, main a, main h1, main h2, '
    + 'main code, main code span, main figcaption, svg text';
return [...document.querySelectorAll(parts)]
    .filter(part => {
        const style = getComputedStyle(part);
        const on_colour = part.closest('.tl-work, .on-colour');
        const svg = part.localName === 'text';
        const ink = (svg ? style.fill : style.color).match(/[0-9.]+/g);
        return !on_colour && light(ink.map(Number)) > 150;
    })
    .map(part => `${part.className} ${part.textContent.slice(0, 40)}`)
    .slice(0, 10);";

/// Types a name into the search, and returns where its results lead.
const SEARCH: &str = "
const bar = document.getElementById('mdbook-searchbar');
bar.value = 'NAME';
bar.dispatchEvent(new KeyboardEvent('keyup', { key: 'a' }));
return [...document.querySelectorAll('#mdbook-searchresults li > a')]
    .map(link => link.getAttribute('href'));";
