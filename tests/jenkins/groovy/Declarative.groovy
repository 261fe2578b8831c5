/** As much of the declarative syntax as a Jenkinsfile needs that calls the step: stages, steps, and `post`. */
class Declarative {
    final Jenkins jenkins
    private final Script script
    private Map<String, Closure> post = [:]
    private boolean failed = false
    /** Whether the stage is left out, as its `when` says. */
    private boolean skipped = false

    Declarative(Jenkins jenkins, Script script) {
        this.jenkins = jenkins
        this.script = script
    }

    void pipeline(Closure body) {
        within(body)
        // By the result, after the stages, whatever they did.
        post.always?.call()
        post[jenkins.result.toLowerCase()]?.call()
    }

    /** Other words, such as `agent any`, are not about what is tested here. */
    Object methodMissing(String name, Object given) {
        List arguments = (given as Object[]).toList()
        Closure body = arguments && arguments.last() instanceof Closure ? (Closure) arguments.last() : null
        switch (name) {
            case ['stages', 'post', 'script']:
                return within(body)
            case 'stage':
                skipped = false
                // What stands behind a failed stage is left out.
                return failed ? null : within(body)
            case 'when':
                return within(body)
            case 'changeset':
                // The change is about it.
                return null
            case 'expression':
                skipped = !within(body)
                return null
            case 'steps':
                if (skipped) {
                    jenkins.log.add('Stage skipped due to when conditional')
                    return null
                }
                try {
                    return within(body)
                } catch (Exception failure) {
                    failed = true
                    return jenkins.build { throw failure }
                }
            case ['always', 'success', 'unstable', 'failure', 'aborted']:
                post[name] = body
                return null
            case 'agent':
                return null
            case 'proctor':
                return jenkins.library().call(*arguments)
            default:
                return script.methodMissing(name, given)
        }
    }

    Object propertyMissing(String name) {
        return name == 'env' ? jenkins.agent.environment : name
    }

    private Object within(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        return body.call()
    }
}
