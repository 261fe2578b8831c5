//! The documentation: every example is executed, or checked by the schema of what reads it.
