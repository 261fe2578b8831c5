//! Publishing: from files of test results to what a results service takes. Nothing here opens a file or sends anything.
//!
//! [`junit`] reads JUnit XML of any size in constant memory, one test case at a time; [`testmo`] turns the cases into
//! batches in the service's form.

pub mod junit;
pub mod testmo;
