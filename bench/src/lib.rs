//! How fast Proctor is, beside what it replaces.
