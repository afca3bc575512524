//! Decides what must change in Entra, and why.
