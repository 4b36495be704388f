//! What must not go unnoticed in lesson 12.

use crate::Mutant;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        what: "both threads greet from one shared value",
        file: "src/main.rs",
        from: "thread_local! {\n    static STUDENT: RefCell<String> = const { RefCell::new(String::new()) };\n}",
        to: "static STUDENT: Shared = Shared(std::sync::Mutex::new(RefCell::new(String::new())));\nstruct Shared(std::sync::Mutex<RefCell<String>>);\nimpl Shared {\n    fn set(&self, s: String) { self.0.lock().unwrap().replace(s); }\n    fn with_borrow(&self, f: impl FnOnce(&String)) { f(&self.0.lock().unwrap().borrow()); }\n}",
    },
    Mutant {
        what: "both threads have one name",
        file: "src/main.rs",
        from: "(\"Thread-A\", \"ABC\")",
        to: "(\"Thread-D\", \"ABC\")",
    },
    Mutant {
        what: "what one binds, all see",
        file: "src/isolation.rs",
        from: "thread_local! {\n    /// Unbound at first, in every thread: an `Option` can say so.\n    static STUDENT: Cell<Option<&'static str>> = const { Cell::new(None) };",
        to: "static STUDENT: Shared = Shared(std::sync::Mutex::new(None));\nstruct Shared(std::sync::Mutex<Option<&'static str>>);\nimpl Shared {\n    fn set(&self, s: Option<&'static str>) { *self.0.lock().unwrap() = s; }\n    fn get(&self) -> Option<&'static str> { *self.0.lock().unwrap() }\n}\nthread_local! {",
    },
    Mutant {
        what: "all looks are counted in one counter",
        file: "src/isolation.rs",
        from: "    /// How often its thread has looked: from 0, in every thread.\n    static LOOKS: Cell<u32> = const { Cell::new(0) };\n}",
        to: "}\nstatic LOOKS: Shared = Shared(std::sync::atomic::AtomicU32::new(0));\nstruct Shared(std::sync::atomic::AtomicU32);\nimpl Shared {\n    fn set(&self, n: u32) { self.0.store(n, std::sync::atomic::Ordering::SeqCst); }\n    fn get(&self) -> u32 { self.0.load(std::sync::atomic::Ordering::SeqCst) }\n}",
    },
    Mutant {
        what: "nobody waits for what the others bind",
        file: "src/isolation.rs",
        from: "let step = &Barrier::new(3);",
        to: "let step = &Barrier::new(1);",
    },
    Mutant {
        what: "the values do not wait for the end of their thread",
        file: "src/endings.rs",
        from: "println!(\"Thread-J: that was all\");",
        to: "FIRST.take(); println!(\"Thread-J: that was all\");",
    },
    Mutant {
        what: "main waits for the work and not for the values",
        file: "src/endings.rs",
        from: "thread.join().unwrap(); // Waits",
        to: "while !thread.is_finished() { thread::yield_now(); } // Waits",
    },
    Mutant {
        what: "the last value is not waited for",
        file: "src/endings.rs",
        from: "gone.recv().expect_err(\"nobody sends; this waits for the last value\");",
        to: "drop(gone);",
    },
    Mutant {
        what: "the pair is in the other order",
        file: "src/endings.rs",
        from: "PAIR.set(Some((first, second)));",
        to: "PAIR.set(Some((second, first)));",
    },
    Mutant {
        what: "the user is shared by all threads of the pool",
        file: "src/pool_reuse.rs",
        from: "thread_local! {\n    /// Who is logged in on this thread.\n    static USER: Cell<Login> = const { Cell::new(None) };\n}",
        to: "static USER: Shared = Shared(std::sync::Mutex::new(None));\nstruct Shared(std::sync::Mutex<Login>);\nimpl Shared {\n    fn set(&self, s: Login) { *self.0.lock().unwrap() = s; }\n    fn get(&self) -> Login { *self.0.lock().unwrap() }\n}",
    },
    Mutant {
        what: "the trap is gone: the task takes back what it binds",
        file: "src/pool_reuse.rs",
        from: "    serve(login, USER.get())\n}\n// ANCHOR_END: leaves_behind",
        to: "    let user = serve(login, USER.get());\n    if login.is_some() { USER.set(None); }\n    user\n}\n// ANCHOR_END: leaves_behind",
    },
    Mutant {
        what: "the cure is left out: the guard takes nothing back",
        file: "src/pool_reuse.rs",
        from: "        USER.set(None);\n",
        to: "",
    },
    Mutant {
        what: "the guard is gone before the task begins",
        file: "src/pool_reuse.rs",
        from: "let _session = Session::open(login);",
        to: "let _ = Session::open(login);",
    },
    Mutant {
        what: "the argument is not what the task goes by",
        file: "src/pool_reuse.rs",
        from: "    serve(login, login)\n",
        to: "    leaves_behind(login)\n",
    },
];
