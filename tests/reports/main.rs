//! Reports, given to the programs that read them in life.

mod read_back;
