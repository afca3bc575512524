//! The counter from outside: its pages, its routes, its walks.

mod pages;
