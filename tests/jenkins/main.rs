//! Jenkins: the shared library, executed by Groovy with the steps of a pipeline stubbed.
