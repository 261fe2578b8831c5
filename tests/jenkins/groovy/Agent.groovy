import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The machine that a build runs on: a workspace, and what `sh` and `bat` do there. */
class Agent {
    final File workspace
    final File temporary
    boolean unix = true
    /** Exit codes instead of execution: by a part of the command, the first that fits. */
    Map<String, Object> codes = [:]
    /** What a command that is not executed leaves behind. */
    Closure leaves = {}
    /** What is done while a command runs; then it is stopped as an aborted build's are. */
    Closure interruption = null
    /** Variables of the agent, and those that are bound to credentials at the moment. */
    Map<String, String> environment = [PATH: System.getenv('PATH'), JENKINS_URL: 'http://127.0.0.1/jenkins/']
    Map<String, String> bound = [:]
    /** Every command, with what was bound then, and what all of them said. */
    List<Map> commands = []
    String log = ''

    Agent(File folder) {
        workspace = new File(folder, 'work space')
        temporary = new File(folder, 'work space@tmp')
        workspace.mkdirs()
    }

    int run(String script, String label) {
        commands.add([script: script, label: label, bound: new LinkedHashMap(bound)])
        for (known in codes) {
            if (script.contains(known.key)) {
                leaves.call(script)
                if (known.value instanceof Throwable) {
                    throw known.value
                }
                return known.value
            }
        }
        if (!unix && label == 'Remove earlier reports') {
            CommandPrompt.deleted(script).each { file(it.replace('\\', '/')).delete() }
            return 0
        }
        if (!unix) {
            throw new IllegalStateException("there is no cmd.exe to execute ${script}")
        }
        return execute(script)
    }

    /** Without a first line of its own a script is run by `sh -xe`. Source: durable-task, `BourneShellScript`. */
    private int execute(String script) {
        File file = File.createTempFile('script', '.sh')
        file.setText(script, 'UTF-8')
        ProcessBuilder builder = new ProcessBuilder('/bin/sh', '-xe', file.path)
        builder.directory(workspace).redirectErrorStream(true)
        builder.environment().clear()
        builder.environment().putAll(environment + bound)
        builder.redirectInput(ProcessBuilder.Redirect.from(new File('/dev/null')))
        Process process = builder.start()
        StringBuffer said = new StringBuffer()
        Thread reader = process.consumeProcessOutputStream(said)
        if (interruption != null) {
            interruption.call()
            // To the script's own process: `exec` has made it Proctor's.
            ['kill', '-TERM', process.pid().toString()].execute().waitFor()
        }
        int code = process.waitFor()
        // A program that was not reached by the signal would hold its output open until its own end.
        reader.join(interruption == null ? 0 : 5000)
        file.delete()
        log += said
        if (interruption != null) {
            throw new FlowInterruptedException('ABORTED')
        }
        return code
    }

    /** A file of the workspace, or anywhere if its path is absolute. */
    File file(String path) {
        File named = new File(path)
        return named.absolute ? named : new File(workspace, path)
    }
}
