//! News over real sockets: what is sent, and where nothing is.

#[cfg(test)]
mod courier;
