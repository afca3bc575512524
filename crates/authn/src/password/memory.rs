//! The memory that Argon2 works in, kept from one hash to the next: zeroed pages from the system cost
//! a good part of a hash. As many are kept as ever worked at once. What stays in them was derived
//! from a peppered digest, never from the bare password, and the next hash overwrites it.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use argon2::Block;

/// Memory that is free just now.
#[derive(Default)]
pub(super) struct Memory(Mutex<Vec<Vec<Block>>>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(..)")
    }
}

impl Memory {
    /// Does `work` in this many blocks of 1 KiB; `None` when there is not enough memory.
    pub(super) fn lend<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> Option<T> {
        let mut memory = self.free().pop().unwrap_or_default();
        if let Some(missing) = blocks.checked_sub(memory.len()) {
            memory.try_reserve_exact(missing).ok()?;
            memory.resize(blocks, Block::default());
        }
        let done = work(&mut memory[..blocks]);
        self.free().push(memory);
        Some(done)
    }

    /// How many pieces of memory are kept: as many as ever worked at once.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.free().len()
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_lent_again_and_grows_when_more_is_needed() {
        let memory = Memory::default();
        let length = |blocks: usize| memory.lend(blocks, |lent| lent.len());
        assert_eq!((length(8), length(4), length(16)), (Some(8), Some(4), Some(16)));
        assert_eq!(memory.free().len(), 1);
        assert_eq!(length(usize::MAX / 2048), None);
        let two = memory.lend(8, |_| length(8));
        assert_eq!((two, memory.free().len()), (Some(Some(8)), 2));
    }
}
