//! Each browser that waits holds an open connection, and when everybody comes to work these are many.

use anyhow::Context as _;
use rustix::process::{Resource, getrlimit, setrlimit};

/// As many files and connections may be open as the system allows this process, instead of the 1,024
/// that programs get which ask for nothing.
pub(crate) fn as_many_as_allowed() -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("the number of open files can't be raised")
}

#[cfg(test)]
mod tests {
    use rustix::process::Rlimit;

    use super::*;

    #[test]
    fn the_number_of_open_files_is_raised_to_what_is_allowed() {
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: Some(256), maximum }).unwrap();
        as_many_as_allowed().unwrap();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
