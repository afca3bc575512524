//! The counter from outside: its pages, its routes, its walks.

mod access;
mod browser;
mod console;
mod html;
mod pages;
mod support;
