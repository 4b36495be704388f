//! Spans, written down as they begin and end.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, SystemTime};
use std::{env, process, thread};

use crate::system;

use super::model::{Interval, Kind, Lane, Picture};

/// Tells a child which open file to append to, and when the lesson began.
const VARIABLE: &str = "LESSON_TIMELINE";

/// A piece of work or a wait that lasts until it is dropped.
#[must_use = "a span lasts until it is dropped"]
#[derive(Debug)]
pub struct Span(Option<u64>);

/// Records that this thread works, until the span is dropped.
///
/// ```
/// let span = shared::timeline::working("adds");
/// let sum: u64 = (1..=100).sum();
/// drop(span);
/// assert_eq!(sum, 5050);
/// ```
pub fn working(label: &str) -> Span {
    Span::begin(Kind::Work, label)
}

/// Records that this thread waits, until the span is dropped.
///
/// ```
/// use std::thread;
/// use shared::timeline;
///
/// let thread = thread::spawn(|| 8_u64.pow(20));
/// let span = timeline::waiting("waits for the thread");
/// let power = thread.join().unwrap();
/// drop(span);
/// assert_eq!(power, 1_152_921_504_606_846_976);
/// ```
pub fn waiting(label: &str) -> Span {
    Span::begin(Kind::Wait, label)
}

/// A nap shows as a wait, unless it is the work of a span around it.
pub(crate) fn napping() -> Span {
    if OPEN.get() > 0 { Span(None) } else { waiting("nap") }
}

/// Names the lane of this thread in the picture.
///
/// Without it, a thread's lane has the thread's name, and that of the first
/// thread of a process is `main`, its role, or `process` and its pid.
///
/// ```
/// shared::timeline::lane("Waiter");
/// let _span = shared::timeline::waiting("the lock"); // In the lane Waiter.
/// ```
pub fn lane(name: &str) {
    if recorder().is_some() {
        let named = (process::id(), clean(name));
        LANE.set(Some(named));
    }
}

/// Records that process `pid` has ended now, and all its spans with it.
///
/// A process that is killed cannot record its end; the process that reaps it
/// can:
///
/// ```
/// let mut child = std::process::Command::new("true").spawn()?;
/// child.kill()?;
/// child.wait()?;
/// shared::timeline::process_exited(child.id());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn process_exited(pid: u32) {
    if let Some(recorder) = recorder() {
        recorder.write(pid, 0, ENDED);
    }
}

thread_local! {
    /// The lane's name, and the process that gave it: a fork copies both.
    static LANE: RefCell<Option<(u32, String)>> = const { RefCell::new(None) };
    /// How many spans of this thread have begun and not ended.
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// The number of the next span of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

const FIRST: &str = "first";
const LATER: &str = "later";

/// The label of the end of a span, and of a whole process.
const END: &str = "end";
const ENDED: &str = "ended";

impl Span {
    fn begin(kind: Kind, label: &str) -> Self {
        let Some(recorder) = recorder() else {
            return Self(None);
        };
        let id = NEXT.fetch_add(1, Relaxed);
        let kind = kind.word();
        let lane = lane_name();
        let label = clean(label);
        let first = if is_first() { FIRST } else { LATER };
        let what = format!("{kind}\t{first}\t{lane}\t{label}");
        recorder.write(process::id(), id, &what);
        OPEN.set(OPEN.get() + 1);
        Self(Some(id))
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let (Some(id), Some(recorder)) = (self.0, recorder()) {
            recorder.write(process::id(), id, END);
            OPEN.set(OPEN.get().saturating_sub(1));
        }
    }
}

/// The first thread of a process is the one that Rust calls `main`.
fn is_first() -> bool {
    thread::current().name() == Some("main")
}

fn lane_name() -> String {
    let pid = process::id();
    let given = LANE.with_borrow(|lane| lane.clone());
    match given {
        Some((giver, name)) if giver == pid => name,
        _ if !is_first() => {
            let thread = thread::current();
            let unnamed = || format!("{:?}", thread.id());
            thread.name().map_or_else(unnamed, clean)
        }
        _ if recorder().is_some_and(|r| r.root == pid) => "main".into(),
        _ => format!("process {pid}"),
    }
}

/// One line, no tabs: what the file can hold.
fn clean(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

struct Recorder {
    file: File,
    began: SystemTime,
    /// The pid of the lesson's first process.
    root: u32,
    /// How far `take` has read; only the first process reads.
    taken: Mutex<usize>,
}

static RECORDER: OnceLock<Option<Recorder>> = OnceLock::new();

/// The recorder of this process, if the timeline is wanted.
fn recorder() -> Option<&'static Recorder> {
    RECORDER.get_or_init(Recorder::from_parent).as_ref()
}

/// Starts to record, in this process and in its children.
pub(crate) fn record() -> io::Result<()> {
    let file = inheritable(system::unnamed_file()?)?;
    let began = SystemTime::now();
    let root = process::id();
    let taken = Mutex::new(0);
    let _ = RECORDER.set(Some(Recorder { file, began, root, taken }));
    Ok(())
}

/// What a child needs in its environment to record as well.
///
/// `None` when nothing is recorded. [`child`](crate::child()) sets it; a lesson
/// that starts another program for its child does so itself:
///
/// ```
/// let mut other = std::process::Command::new("env");
/// other.envs(shared::timeline::inherited());
/// ```
pub fn inherited() -> Option<(&'static str, String)> {
    let recorder = recorder()?;
    let fd = system::descriptor(&recorder.file)?;
    let began = recorder.began.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let began = began.as_nanos();
    let root = recorder.root;
    Some((VARIABLE, format!("{fd} {began} {root}")))
}

/// All that was recorded since the last call, as a picture.
pub(crate) fn take(title: &str) -> io::Result<Picture> {
    let recorder = recorder().expect("only a lesson that records asks");
    let mut text = String::new();
    reopened(&recorder.file, OpenOptions::new().read(true))?
        .read_to_string(&mut text)?;
    let mut guard = recorder.taken.lock().expect("no thread panics in here");
    let lines = &text[*guard..];
    *guard = text.len();
    let lanes = lanes(lines, recorder.root);
    Ok(Picture { title: title.into(), lanes })
}

impl Recorder {
    fn from_parent() -> Option<Self> {
        let value = env::var(VARIABLE).ok()?;
        let mut fields = value.split(' ');
        let fd: i32 = fields.next()?.parse().ok()?;
        let nanos = fields.next()?.parse().ok()?;
        let root = fields.next()?.parse().ok()?;
        let began = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
        let file = by_descriptor(fd, OpenOptions::new().append(true)).ok()?;
        let file = inheritable(file).ok()?;
        Some(Self { file, began, root, taken: Mutex::new(0) })
    }

    /// Appends one line in one call: lines of several processes never mix.
    fn write(&self, pid: u32, id: u64, what: &str) {
        let now = self.began.elapsed().unwrap_or_default().as_micros();
        let line = format!("{now}\t{pid}\t{id}\t{what}\n");
        // A picture with a gap is better than a lesson that fails for it.
        let _ = (&self.file).write_all(line.as_bytes());
    }
}

/// The same file, appended to by every process, and open in a child that runs
/// another program.
fn inheritable(file: File) -> io::Result<File> {
    system::keep_open_in_children(&file)?;
    Ok(file)
}

#[cfg(unix)]
fn reopened(file: &File, options: &OpenOptions) -> io::Result<File> {
    let fd = system::descriptor(file).expect("every file on Unix has one");
    by_descriptor(fd, options)
}

#[cfg(not(unix))]
fn reopened(file: &File, _: &OpenOptions) -> io::Result<File> {
    use std::io::Seek;
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

fn by_descriptor(fd: i32, options: &OpenOptions) -> io::Result<File> {
    options.open(format!("/dev/fd/{fd}"))
}

/// Sorts the lanes: the first process before its children, those in the
/// order in which they were started; in a process the first thread, then the
/// others by name, `Thread-2` before `Thread-10`.
type LaneKey = (bool, u32, bool, String, u64);

fn lane_key(root: u32, pid: u32, first: bool, name: &str) -> LaneKey {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[stem.len()..].parse().unwrap_or_default();
    (pid != root, pid, !first, stem.into(), number)
}

/// Pairs beginnings with ends, and puts the lanes in order. A span without an
/// end lasts as long as its process; to the last line, if no process saw that end.
fn lanes(lines: &str, root: u32) -> Vec<Lane> {
    let mut lanes: BTreeMap<LaneKey, Lane> = BTreeMap::new();
    let mut open = HashMap::new();
    let mut now = 0.0;
    for line in lines.lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let [micros, pid, id, ref what @ ..] = fields[..] else {
            continue;
        };
        let (Ok(micros), Ok(pid)) = (micros.parse(), pid.parse()) else {
            continue;
        };
        now = Duration::from_micros(micros).as_secs_f64();
        if let [kind, first, name, label] = *what
            && let Some(kind) = Kind::from_word(kind)
        {
            let label = label.into();
            let end = f64::INFINITY;
            let key = lane_key(root, pid, first == FIRST, name);
            let lane = lanes.entry(key.clone()).or_default();
            lane.name = name.into();
            open.insert((pid, id), (key, lane.intervals.len()));
            lane.intervals.push(Interval { label, kind, start: now, end });
        } else if what == [ENDED] {
            for (_, (key, at)) in open.extract_if(|(of, _), _| *of == pid) {
                lanes.entry(key).or_default().intervals[at].end = now;
            }
        } else if let Some((key, at)) = open.remove(&(pid, id))
            && let Some(lane) = lanes.get_mut(&key)
        {
            lane.intervals[at].end = now;
        }
    }
    let mut lanes: Vec<_> = lanes.into_values().collect();
    for interval in lanes.iter_mut().flat_map(|lane| &mut lane.intervals) {
        interval.end =
            interval.end.clamp(interval.start, now.max(interval.start));
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a lesson with two threads and two children writes down.
    const LINES: &str = "\
        0\t10\t1\twait\tfirst\tmain\tnap\n\
        100000\t30\t1\twork\tfirst\tworker\tB\n\
        200000\t20\t1\twork\tfirst\tworker\tA\n\
        300000\t10\t2\twork\tlater\tThread-10\tten\n\
        400000\t10\t3\twork\tlater\tThread-2\ttwo\n\
        500000\t20\t1\tend\n\
        600000\t10\t1\tend\n";

    #[test]
    fn lanes_stand_in_a_stable_order() {
        let lanes = lanes(LINES, 10);
        let names: Vec<_> = lanes.iter().map(|l| l.name.as_str()).collect();
        let in_order = ["main", "Thread-2", "Thread-10", "worker", "worker"];
        assert_eq!(names, in_order);
        assert_eq!(lanes[3].intervals[0].label, "A", "started first: pid 20");
    }

    #[test]
    fn a_span_lasts_from_its_beginning_to_its_end() {
        let lanes = lanes(LINES, 10);
        let nap = &lanes[0].intervals[0];
        assert_eq!((nap.start, nap.end, nap.kind), (0.0, 0.6, Kind::Wait));
        let a = &lanes[3].intervals[0];
        assert_eq!((a.start, a.end, a.kind), (0.2, 0.5, Kind::Work));
    }

    #[test]
    fn a_span_cut_short_lasts_to_the_last_line() {
        let b = &lanes(LINES, 10)[4].intervals[0];
        assert_eq!((b.start, b.end), (0.1, 0.6));
    }

    #[test]
    fn a_process_that_was_seen_to_end_takes_its_spans_with_it() {
        let ended = LINES.replace("20\t1\tend\n", "30\t0\tended\n");
        let lanes = lanes(&ended, 10);
        assert_eq!(lanes[4].intervals[0].end, 0.5, "B ended with its process");
        assert_eq!(
            lanes[3].intervals[0].end, 0.6,
            "A went on to the last line"
        );
    }

    #[test]
    fn what_is_no_span_is_passed_over() {
        assert!(lanes("", 10).is_empty());
        assert!(lanes("x\t10\t1\tend\nhalf a li", 10).is_empty());
        assert!(lanes("5\t10\t1\tend\n", 10).is_empty());
    }
}
