/** The cases of a file: each in a Jenkins and a folder of its own, each told in one line. */
class Cases {
    private final File scratch = new File(System.getenv('SCRATCH'))
    private static int number = 0

    void check(String name, Closure body) {
        File folder = new File(scratch, "case ${number++}")
        Jenkins jenkins = new Jenkins(folder)
        String line
        try {
            body.call(jenkins)
            line = "ok: ${name}"
        } catch (Throwable failure) {
            String place = failure.stackTrace.find { it.fileName ==~ /[a-z_]+\.groovy/ }
            String said = "${failure}\n${place}\n${jenkins.log.join('\n')}\n${jenkins.agent.log}"
            line = "failed: ${name}: ${said.replace('\n', '\n    ')}"
        }
        println line
    }

    /** The only line of the log that says so. */
    static void says(Jenkins jenkins, String text) {
        int found = jenkins.log.count { it.contains(text) }
        if (found != 1) {
            throw new AssertionError((Object) "said ${found} times: ${text}")
        }
    }

    static void same(Object actual, Object expected) {
        if (actual != expected) {
            throw new AssertionError((Object) "${actual} is not ${expected}")
        }
    }
}
