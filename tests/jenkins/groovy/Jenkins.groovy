import hudson.AbortException
import java.nio.file.FileSystems
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** A build of Jenkins, as far as the library has to do with one: the steps, the credentials, the result. */
class Jenkins {
    /** From good to bad: a result only ever gets worse. Source: Jenkins, `hudson.model.Result`. */
    static final List ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

    private static final Map<String, Class> COMPILED = [:]

    final Agent agent
    final Map<String, Closure> steps = [:]
    /** Credentials by id. */
    Map<String, String> credentials = [:]
    /** Where `libraryResource` looks. */
    File resources = new File(System.getenv('LIBRARY'), 'resources')
    String result = 'SUCCESS'
    List<String> log = []
    /** What the publishing steps were given, by step. */
    Map<String, List> published = [:].withDefault { [] }

    Jenkins(File folder) {
        agent = new Agent(folder)
        addBasicSteps()
        addFileSteps()
        addPlugins()
    }

    /** The object that a pipeline knows as `currentBuild`. */
    class Build {
        String getResult() {
            return Jenkins.this.result
        }

        void setResult(String worse) {
            worsen(worse)
        }
    }

    void worsen(String other) {
        if (!ORDER.contains(other)) {
            throw new IllegalArgumentException("there is no result ${other}")
        }
        if (ORDER.indexOf(other) > ORDER.indexOf(result)) {
            result = other
        }
    }

    void addBasicSteps() {
        steps.isUnix = { agent.unix }
        steps.sh = { Map given -> command(given, true) }
        steps.bat = { Map given -> command(given, false) }
        steps.echo = { CharSequence text -> log.add(text.toString()); null }
        steps.error = { CharSequence text -> throw new AbortException(text.toString()) }
        steps.unstable = { CharSequence text -> log.add("WARNING: ${text}".toString()); worsen('UNSTABLE') }
        steps.catchError = { Map given, Closure body ->
            try {
                body.call()
            } catch (FlowInterruptedException interruption) {
                throw interruption
            } catch (Exception failure) {
                log.add("ERROR: ${failure.message}".toString())
                worsen(given.buildResult)
            }
        }
    }

    /** As the steps `sh` and `bat`: refused on the wrong kind of agent, and a status only if it is asked for. */
    Object command(Map given, boolean unix) {
        if (agent.unix != unix) {
            throw new IOException(unix ? 'Cannot run program "nohup"' : 'Batch scripts can only be run on Windows nodes')
        }
        assert (given.keySet() - ['script', 'returnStatus', 'label']).empty && given.returnStatus
        return agent.run(given.script.toString(), given.label.toString())
    }

    void addFileSteps() {
        steps.pwd = { Map given -> given.tmp ? agent.temporary.path : agent.workspace.path }
        steps.fileExists = { CharSequence path -> agent.file(path.toString()).exists() }
        steps.readFile = { Map given -> agent.file(given.file.toString()).getText(given.encoding) }
        steps.writeFile = { Map given ->
            File file = agent.file(given.file.toString())
            file.parentFile.mkdirs()
            file.setText(given.text.toString(), given.encoding)
        }
        steps.libraryResource = { CharSequence path ->
            File file = new File(resources, path.toString())
            if (!file.file) {
                throw new AbortException("No such library resource ${path} could be found.")
            }
            file.getText('UTF-8')
        }
        File current = null
        steps.dir = { CharSequence path, Closure body ->
            current = agent.file(path.toString())
            body.call()
            current = null
        }
        // In a folder that is not there it does nothing. The workspace itself is made again by whatever is next.
        steps.deleteDir = {
            (current ?: agent.workspace).deleteDir()
            agent.workspace.mkdirs()
        }
    }

    void addPlugins() {
        steps.string = { Map given -> [symbol: 'string'] + given }
        steps.withCredentials = { List bindings, Closure body ->
            for (binding in bindings) {
                if (credentials[binding.credentialsId] == null) {
                    throw new AbortException("Could not find credentials entry with ID '${binding.credentialsId}'")
                }
                agent.bound[binding.variable] = credentials[binding.credentialsId]
            }
            try {
                return body.call()
            } finally {
                agent.bound.clear()
            }
        }
        steps.junit = { Map given -> junit(given) }
        steps.issues = { Map given -> [symbol: 'issues'] + given }
        steps.recordIssues = { Map given ->
            if (published.recordIssues.any { it.tool.id == given.tool.id }) {
                throw new IllegalStateException("ID ${given.tool.id} is already used by another action")
            }
            if (given.enabledForFailure || result != 'FAILURE') {
                published.recordIssues.add(given)
            }
        }
        steps.publishHTML = { Map given -> published.publishHTML.add(given.target) }
        steps.archiveArtifacts = { Map given ->
            published.archiveArtifacts.addAll(given.artifacts.toString().split(',').collectMany { matching(it) })
        }
    }

    /** Failures make the build unstable unless that is declined. Source: junit, `JUnitResultsStepExecution`. */
    void junit(Map given) {
        def suites = new XmlSlurper().parse(agent.file(given.testResults.toString()))
        int tests = suites.'**'.count { it.name() == 'testcase' }
        int failures = suites.'**'.count { it.name() in ['failure', 'error'] }
        if (tests == 0 && !given.allowEmptyResults) {
            throw new AbortException('None of the test reports contained any result')
        }
        if (failures > 0 && !given.skipMarkingBuildUnstable) {
            worsen('UNSTABLE')
        }
        published.junit.add([path: given.testResults.toString(), tests: tests, failures: failures])
    }

    /** The files that a pattern finds in the workspace. */
    List<String> matching(String pattern) {
        def matcher = FileSystems.default.getPathMatcher('glob:' + pattern)
        List found = []
        agent.workspace.eachFileRecurse { file ->
            def path = agent.workspace.toPath().relativize(file.toPath())
            if (file.file && matcher.matches(path)) {
                found.add(path.toString())
            }
        }
        return found.sort()
    }

    /** A pipeline is saved at every step, with all that it holds. */
    void mustSerialize(String what, List values) {
        ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())
        for (value in values) {
            if (!(value instanceof Closure)) {
                out.writeObject(value)
            }
        }
    }

    /** The library's step, loaded as Jenkins loads it. */
    Steps library() {
        return load(new File(System.getenv('LIBRARY'), 'vars/proctor.groovy').getText('UTF-8'), 'proctor.groovy')
    }

    /** A script that has the steps of this Jenkins. What is compiled once serves all of them. */
    Steps load(String text, String name) {
        Class script = COMPILED[text]
        if (script == null) {
            CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: 'Steps')
            configuration.addCompilationCustomizers(new ImportCustomizer().addImports('com.cloudbees.groovy.cps.NonCPS'))
            script = new GroovyClassLoader(Jenkins.classLoader, configuration).parseClass(text, name)
            COMPILED[text] = script
        }
        Steps loaded = (Steps) script.newInstance()
        loaded.binding = new Binding([jenkins: this, currentBuild: new Build()])
        return loaded
    }

    /** Runs something as a whole build, which ends as builds do. Returns what it gave, null if it was ended early. */
    Object build(Closure pipeline) {
        try {
            return pipeline.call()
        } catch (FlowInterruptedException interruption) {
            worsen(interruption.result)
        } catch (AbortException failure) {
            log.add("ERROR: ${failure.message}".toString())
            worsen('FAILURE')
        }
        return null
    }

    /** A build that is one call of the step. */
    Object proctor(Map arguments) {
        return build {
            Object outcome = library().call(arguments)
            mustSerialize('the outcome', [outcome])
            outcome
        }
    }
}
