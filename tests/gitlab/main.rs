//! GitLab: the CI/CD component, run by gitlab-ci-local and held against GitLab's schema.
