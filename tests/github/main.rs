//! GitHub: the action as the runner runs it, and the workflows through the programs that check them.
#![cfg(unix)]

mod action;
mod annotations;
mod attestation;
mod commands;
mod init;
mod inputs;
mod install;
mod installer;
mod lint;
mod pins;
mod platforms;
mod release;
mod releases;
mod runner;
mod runs;
mod signals;
mod source;
mod step;
mod workflow;
