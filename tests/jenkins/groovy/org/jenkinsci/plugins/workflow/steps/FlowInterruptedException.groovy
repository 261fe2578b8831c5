package org.jenkinsci.plugins.workflow.steps

/** What a step throws when its build is aborted or runs into `timeout`. */
class FlowInterruptedException extends InterruptedException {
    final String result

    FlowInterruptedException(String result) {
        this.result = result
    }
}
