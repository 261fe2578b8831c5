/** What every script of a pipeline and of a library is: it finds steps by name, and variables in its binding. */
abstract class Steps extends Script {
    /** As Jenkins: an Error, and not the exception of Groovy. Source: workflow-cps, `DSL.invokeMethod`. */
    Object methodMissing(String name, Object given) {
        Jenkins jenkins = (Jenkins) binding.getVariable('jenkins')
        Closure step = jenkins.steps[name]
        if (step == null) {
            throw new NoSuchMethodError("No such DSL method '${name}' found among steps ${jenkins.steps.keySet()}")
        }
        List arguments = (given as Object[]).toList()
        jenkins.mustSerialize(name, arguments)
        return step.call(*arguments)
    }
}
