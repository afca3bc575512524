//! The tests of the front door, and of the whole house from outside.

mod house;
