//! Reports, given to the programs that read them in life.

mod html;
mod judges;
mod read_back;
mod remarked;
mod rendered;
mod runner;
mod runs;
mod texts;
