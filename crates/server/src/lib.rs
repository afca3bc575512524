//! The counter: URLs, cookies and pages.
