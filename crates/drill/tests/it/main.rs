//! The campaigns that each test run plays. The whole of them is `scripts/soak`.

#[cfg(test)]
mod campaigns;
