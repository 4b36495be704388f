//! What must not go unnoticed in lesson 2.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "the foreground child is not waited for",
        file: "src/main.rs",
        from: "let status = worker.wait()?;",
        to: "let status = process::ExitStatus::default();",
    },
    Mutant {
        what: "a daemon child is waited for",
        file: "src/daemon.rs",
        from: "let _ = self.0.kill();",
        to: "let _pipe = self.0.stdin.take();",
    },
    Mutant {
        what: "the daemon child is forgotten, not ended",
        file: "src/daemon.rs",
        from: "let _worker = Daemon::start(\"60\")?;",
        to: "std::mem::forget(Daemon::start(\"60\")?);",
    },
    Mutant {
        what: "the child does not notice that its parent was killed",
        file: "src/main.rs",
        from: "    daemon::end_with_parent();\n",
        to: "    if args.is_empty() { daemon::end_with_parent(); }\n",
    },
    Mutant {
        what: "adopted orphans are not reaped",
        file: "src/daemon.rs",
        from: "crate::system::reap_all()?;",
        to: "let _ = crate::system::reap_all;",
    },
    Mutant {
        what: "all threads are joined",
        file: "src/threads.rs",
        from: "\"join\" => threads",
        to: "\"join\" | \"return\" => threads",
    },
    Mutant {
        what: "no thread is joined",
        file: "src/threads.rs",
        from: "\"join\" => threads.map(|thread| thread.join().unwrap())",
        to: "\"joined\" => threads.map(|thread| thread.join().unwrap())",
    },
    Mutant {
        what: "the daemon leads its session",
        file: "src/unix_daemon.rs",
        from: "umask(Mode::from_bits_truncate(0o027));",
        to: "setsid()?; umask(Mode::from_bits_truncate(0o027));",
    },
    Mutant {
        what: "the daemon stays in the session of its caller",
        file: "src/unix_daemon.rs",
        from: "setsid()?; // A",
        to: "let _ = setsid; // A",
    },
    Mutant {
        what: "the daemon keeps its standard error",
        file: "src/unix_daemon.rs",
        from: "dup2_stderr(&null)?;",
        to: "let _ = dup2_stderr(File::options().append(true).open(\"/dev/full\")?);",
    },
    Mutant {
        what: "the daemon stays in the folder of its caller",
        file: "src/unix_daemon.rs",
        from: "env::set_current_dir(\"/\")?;",
        to: "",
    },
    Mutant {
        what: "the pid file is not locked",
        file: "src/pid_file.rs",
        from: "match file.try_lock() {",
        to: "match Ok::<(), TryLockError>(()) {",
    },
    Mutant {
        what: "the pid file is left",
        file: "src/unix_daemon.rs",
        from: "fs::remove_file(&home.pid_file)?;",
        to: "",
    },
    Mutant {
        what: "stop does not wait for the daemon's end",
        file: "src/detach.rs",
        from: "kill(pid, Signal::SIGTERM)?;\n    pid_file.lock_shared()?;",
        to: "let _ = (pid_file, kill(pid, None));",
    },
    Mutant {
        what: "the daemon outlives the lesson that was killed",
        file: "src/unix_daemon.rs",
        from: "if let Some(leash) = leash {",
        to: "if let Some(leash) = None {",
    },
];
