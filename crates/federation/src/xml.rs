//! XML, and nothing else of this room touches it: a writer whose output is canonical by
//! construction, a narrow reader, and signatures over what the writer wrote.

pub(crate) mod dsig;
pub(crate) mod read;
pub(crate) mod write;
