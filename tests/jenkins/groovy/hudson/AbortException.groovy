package hudson

/** How `error` and failing steps end a pipeline: a message and no stack trace. */
class AbortException extends IOException {
    AbortException(String message) {
        super(message)
    }
}
