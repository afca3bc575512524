//! Relying parties that are programs of their own: pysaml2 in Python, samael in Rust.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// A relying party in its own process: a line of JSON in, a line of JSON out.
pub(super) struct Program {
    child: Child,
    into: ChildStdin,
    out: BufReader<ChildStdout>,
}

impl Program {
    pub(super) fn start(program: &Path, arguments: &[&Path]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|wrong| {
                panic!("scripts/test makes {}, which is not there: {wrong}", program.display())
            });
        let into = child.stdin.take().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, into, out }
    }

    pub(super) fn pysaml2(folder: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let script = root.join("crates/server/tests/sp/pysaml2_sp.py");
        Self::start(&root.join("target/tools/python/bin/python"), &[&script, folder])
    }

    /// A client of OpenID Connect, beginning with what it knows of us.
    pub(super) fn authlib(arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let script = root.join("crates/server/tests/sp/authlib_rp.py");
        let arguments: Vec<&Path> =
            std::iter::once(script.as_path()).chain(arguments.iter().map(Path::new)).collect();
        Self::start(&root.join("target/tools/authlib/bin/python"), &arguments)
    }

    /// `crates/interop`, under the name that its metadata says.
    pub(super) fn samael(folder: &Path) -> Self {
        Self::start(&samael_sp(), &[folder])
    }

    pub(super) fn ask(&mut self, question: &Value) -> Value {
        let answer = self.say(question);
        assert!(answer.get("error").is_none(), "{question}: {answer}");
        answer
    }

    /// Why it does not believe what it is given.
    pub(super) fn refusal(&mut self, question: &Value) -> String {
        let answer = self.say(question);
        answer["error"].as_str().unwrap_or_else(|| panic!("it believes: {answer}")).to_owned()
    }

    fn say(&mut self, question: &Value) -> Value {
        writeln!(self.into, "{question}").unwrap();
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn samael_sp() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/interop/debug/samael_sp")
}
