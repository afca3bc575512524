//! Keys stay where they belong: out of swap where that is allowed, and out of every file but sealed.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::ExposeSecret as _;
use store::{signing_keys, testing::Throwaway};

use crate::serve::{Node, configure, gatehouse};

/// A program that runs another one under these limits.
fn under(limits: &[&str], command: &mut Command) {
    let mut outer = Command::new(limits[0]);
    outer.args(&limits[1..]).arg(command.get_program()).args(command.get_args());
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.stdout(Stdio::null());
    *command = outer;
}

/// A row of a process's state, as the kernel tells it.
fn state(process: &str, row: &str) -> String {
    let state = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = state.lines().find_map(|line| line.strip_prefix(row)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").to_owned()
}

/// `CAP_IPC_LOCK`: no limit of locked memory binds whoever has it.
fn may_lock_all() -> bool {
    u64::from_str_radix(&state("self", "CapEff"), 16).unwrap() & (1 << 14) != 0
}

/// R123
#[tokio::test]
async fn memory_is_locked_where_no_limit_binds_it_and_never_in_part() {
    let database = Throwaway::sqlite();
    let (folder, config) = configure(&database.settings.url);
    let log = folder.path().join("log");
    let to_log = |command: &mut Command| {
        command.env("RUST_LOG", "info").stderr(File::create(&log).unwrap());
    };
    let free: &[&str] =
        if may_lock_all() { &["env"] } else { &["prlimit", "--memlock=unlimited:unlimited"] };
    let node = Node::start_with(&config, |command| {
        under(free, command);
        to_log(command);
    })
    .await;
    let locked: u64 = state(&node.child.id().to_string(), "VmLck").parse().unwrap();
    assert!(locked > 10_000, "{locked} kB are locked, and it can't be so little");
    assert!(fs::read_to_string(&log).unwrap().contains("the memory is locked"));
    drop(node);

    let mut limited = vec!["prlimit", "--memlock=8388608:8388608"];
    if may_lock_all() {
        limited.extend(["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"]);
    }
    let node = Node::start_with(&config, |command| {
        under(&limited, command);
        to_log(command);
    })
    .await;
    assert_eq!(state(&node.child.id().to_string(), "VmLck"), "0", "all or nothing");
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("the memory is not locked") && said.contains("LimitMEMLOCK"), "{said}");
    let mut check = gatehouse(&config, &["config", "check"]);
    under(&limited, &mut check);
    let said = check.stdout(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("is right") && said.contains("its memory is not locked here"), "{said}");
}

/// Blocks of files, as they were found at some time, by their digest.
type Blocks = HashMap<Vec<u8>, Vec<u8>>;

/// Reads every file below folders again and again until it is told to stop, and once more.
fn gather(folders: &[PathBuf], stop: &AtomicBool) -> Blocks {
    let mut blocks = Blocks::new();
    loop {
        let is_last = stop.load(Ordering::Relaxed);
        for file in folders.iter().flat_map(|folder| below(folder)) {
            // Whatever is gone by now was there for a moment only.
            let Ok(bytes) = fs::read(file) else { continue };
            for block in bytes.chunks(4096) {
                let id = digest(&SHA256, block).as_ref().to_vec();
                blocks.entry(id).or_insert_with(|| block.to_vec());
            }
        }
        if is_last {
            return blocks;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for path in folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files
}

/// Pieces of a value as they would stand in a file: as they are, in hex, and in base64 of whatever
/// begins at one of three bytes.
fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for window in bytes.chunks_exact(24) {
        let halves = |byte: &u8| [u32::from(byte >> 4), u32::from(byte & 15)];
        let digit = |half| char::from_digit(half, 16).unwrap();
        let digits = |window: &[u8]| window.iter().flat_map(halves).map(digit).collect::<String>();
        let hex = digits(&window[..16]);
        pieces.extend([window[..16].to_vec(), hex.to_uppercase().into(), hex.into()]);
        // A line of PEM ends after 48 bytes, so one of two windows stands on one line.
        pieces.extend((0..3).map(|at| STANDARD_NO_PAD.encode(&window[at..at + 15]).into()));
    }
    pieces
}

/// Which of the pieces stand in a block.
fn found(blocks: &Blocks, pieces: Vec<Vec<u8>>) -> HashSet<Vec<u8>> {
    let mut by_head: HashMap<[u8; 8], Vec<Vec<u8>>> = HashMap::new();
    for piece in pieces {
        let head = piece[..8].try_into().unwrap();
        by_head.entry(head).or_default().push(piece);
    }
    let mut found = HashSet::new();
    for block in blocks.values() {
        for (at, head) in block.windows(8).enumerate() {
            let head: [u8; 8] = head.try_into().unwrap();
            let Some(pieces) = by_head.get(&head) else { continue };
            found.extend(pieces.iter().filter(|piece| block[at..].starts_with(piece)).cloned());
        }
    }
    found
}

/// R123: the house makes two keys at its first start, and an operator two more.
#[tokio::test(flavor = "multi_thread")]
async fn no_private_key_is_in_any_file_while_it_is_made_or_after() {
    let database = Throwaway::sqlite();
    let (folder, config) = configure(&database.settings.url);
    let data = Path::new(database.settings.url.strip_prefix("sqlite://").unwrap());
    let scratch = folder.path().join("tmp");
    fs::create_dir(&scratch).unwrap();
    let log = folder.path().join("log");
    let folders = vec![data.parent().unwrap().to_owned(), folder.path().to_owned()];
    let stop = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&stop);
    let gathering = thread::spawn(move || gather(&folders, &until));

    let node = Node::start_with(&config, |command| {
        command.env("TMPDIR", &scratch).env("RUST_LOG", "trace");
        command.current_dir(&scratch).stderr(File::create(&log).unwrap());
    })
    .await;
    let mut replacing = gatehouse(&config, &["keys", "emergency", "--sign-in-stops"]);
    let replaced = replacing.env("TMPDIR", &scratch).env("RUST_LOG", "trace").output().unwrap();
    assert!(replaced.status.success(), "{}", String::from_utf8_lossy(&replaced.stderr));
    drop(node);
    stop.store(true, Ordering::Relaxed);
    let mut blocks = gathering.join().unwrap();
    for (nth, said) in [replaced.stdout, replaced.stderr].into_iter().enumerate() {
        blocks.insert(vec![u8::try_from(nth).unwrap()], said);
    }

    let keys = database.open().read(signing_keys::all).await.unwrap();
    assert_eq!(keys.len(), 4);
    let public = keys.iter().flat_map(|key| key.certificate.chunks_exact(16).skip(1));
    let public: Vec<Vec<u8>> = public.map(<[u8]>::to_vec).collect();
    let (all, seen) = (public.len(), found(&blocks, public).len());
    assert!(seen > all / 2, "the search sees what is not sealed: {seen} of {all}");
    let mut private = Vec::new();
    for key in &keys {
        let whole = key.private_key.here().unwrap().expose_secret();
        assert!(whole.len() > 1_100, "PKCS#8 of RSA-2048");
        // Before the private exponent stands what the certificate tells, too.
        private.extend(pieces(&whole[320..]));
    }
    assert!(private.len() > 700, "{}", private.len());
    let found = found(&blocks, private);
    assert!(found.is_empty(), "{} pieces of private keys are in files", found.len());
}
