//! What is in this process's memory stays there: typed passwords pass through it, and open keys lie in it
//! (R011, R123).

use anyhow::Context as _;
use rustix::{
    io,
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit},
};

/// No core dump is written when the process crashes, and no other process of the same user may read its
/// memory or attach to it.
pub(crate) fn keep_from_dumps() -> anyhow::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .context("core dumps can't be switched off")
}

/// Keeps all memory of this process, now and later, out of swap, where no limit binds it. Where one
/// does nothing is locked and this is an error: once such a limit is reached, memory that is needed is
/// refused.
pub(crate) fn keep_from_swap() -> io::Result<()> {
    let limit = getrlimit(Resource::Memlock);
    if limit.maximum.is_none() {
        setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None })?;
        return lock_all();
    }
    // Under a limit of nothing only whom no limit binds (CAP_IPC_LOCK) is not refused.
    setrlimit(Resource::Memlock, Rlimit { current: Some(0), ..limit })?;
    let locked = lock_all();
    setrlimit(Resource::Memlock, limit)?;
    locked
}

/// Each page once it is used, instead of all that could be.
fn lock_all() -> io::Result<()> {
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
}

/// The same in words.
pub(crate) fn swap_in_words() -> String {
    match keep_from_swap() {
        Ok(()) => "its memory is locked here: keys do not reach swap".to_owned(),
        Err(why) => format!("its memory is not locked here ({why}): {ALLOW}"),
    }
}

/// What can be done about it.
pub(crate) const ALLOW: &str =
    "keys may reach swap; LimitMEMLOCK=infinity in the unit, or CAP_IPC_LOCK, allows it";

#[cfg(test)]
mod tests {
    use rustix::process::dumpable_behavior;

    use super::*;

    /// R011
    #[test]
    fn the_memory_can_neither_be_dumped_nor_read() {
        assert_ne!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        keep_from_dumps().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core), Rlimit { current: Some(0), maximum: Some(0) });
    }
}
