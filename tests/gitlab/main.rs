//! GitLab: the CI/CD component, rendered as GitLab does and held against its schema; its job run by gitlab-ci-local, and by
//! shells in the way of GitLab's runner. What runs jobs is for Linux alone, as the images of jobs are.

#[cfg(target_os = "linux")]
mod hostile;
mod init;
#[cfg(target_os = "linux")]
mod install;
#[cfg(target_os = "linux")]
mod local;
#[cfg(target_os = "linux")]
mod pipeline;
#[cfg(target_os = "linux")]
mod programs;
mod readme;
#[cfg(target_os = "linux")]
mod reports;
#[cfg(target_os = "linux")]
mod runner;
mod schema;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod stopping;
mod template;
