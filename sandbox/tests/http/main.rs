//! The sandbox as its clients see it: over real HTTP.

mod access;
mod catalog;
mod control;
mod faults;
mod following;
mod life;
mod results;
mod scenarios;
mod support;
mod trigger;
