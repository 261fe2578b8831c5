/** A program that does nothing but leave what Proctor would leave, and end with a code. */
class Scripted {
    static final String JUNIT = '''<testsuites><testsuite name="api"><testcase name="a"/>
        <testcase name="b"><failure message="no"/></testcase></testsuite></testsuites>'''

    /** From now on Proctor ends with this code (or throws it), with all its reports written. */
    static void ends(Jenkins jenkins, Object code, Map counts = [passed: 1, failed: 1]) {
        jenkins.agent.codes = ['--ci': code, 'proctor --version': 0]
        Map said = (code instanceof Integer ? ['exit-code': code] : [:]) + counts
        jenkins.agent.leaves = { String script ->
            for (report in reports(script)) {
                File file = jenkins.agent.file(report.path)
                file.parentFile.mkdirs()
                file.text = report.kind == 'github-outputs' ? outputs(said) : report.kind == 'junit' ? JUNIT : report.kind
            }
        }
    }

    /** From now on Proctor ends with this code and leaves nothing, as after a usage error. */
    static void endsEmpty(Jenkins jenkins, Object code) {
        jenkins.agent.codes = ['--ci': code, 'proctor --version': 0]
    }

    /** The reports that a script asks for; none for a script that runs something else. */
    static List<Map> reports(String script) {
        if (!script.contains('--ci')) {
            return []
        }
        if (script.startsWith('@')) {
            List words = CommandPrompt.words(script, [:]).findAll { it.startsWith('--report=') }
            return words.collect { it.split('=', 3) }.collect { [kind: it[1], path: it[2]] }
        }
        return (script =~ /'--report=([a-z-]+)=([^']+)'/).collect { [kind: it[1], path: it[2]] }
    }

    static String outputs(Map counts) {
        Map all = [verdict: 'failed', 'exit-code': 1, passed: 0, failed: 0, errored: 0, skipped: 0, 'run-url': ''] + counts
        return all.collect { name, value -> "${name}<<proctor_a1\n${value}\nproctor_a1\n" }.join('')
    }
}
