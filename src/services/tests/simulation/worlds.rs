//! The services as they are simulated.

pub mod checkview;
pub mod http;
pub mod izli;
pub mod keploy;
pub mod testclix;
pub mod testmo;
