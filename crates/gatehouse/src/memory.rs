//! What is in this process's memory stays there: typed passwords pass through it, and open keys lie in it
//! (R011).

use anyhow::Context as _;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dump is written when the process crashes, and no other process of the same user may read its
/// memory or attach to it.
pub(crate) fn keep_from_dumps() -> anyhow::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .context("core dumps can't be switched off")
}

#[cfg(test)]
mod tests {
    use rustix::process::{dumpable_behavior, getrlimit};

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
