// The pipelines that `proctor init` writes, with the real program.
import static Cases.same
import static Cases.says

String program = System.getenv('PROCTOR_BIN')

/** Runs a Jenkinsfile in a workspace that has the configuration. */
void go(Jenkins jenkins, String program, String variable, String config) {
    // Which library is loaded is Jenkins' own matter.
    String text = System.getenv(variable).replaceAll(/(?m)^@Library\(.*$/, '')
    jenkins.credentials = ['keploy-api-key': System.getenv('KEY')]
    jenkins.agent.environment.PATH = "${new File(program).parent}:${jenkins.agent.environment.PATH}".toString()
    File file = jenkins.agent.file(config)
    file.parentFile.mkdirs()
    file.setText(System.getenv('CONFIG'), 'UTF-8')
    jenkins.steps.options = { Object given -> null }
    Script script = jenkins.load(text, 'Jenkinsfile')
    Declarative declarative = new Declarative(jenkins, script)
    script.metaClass.pipeline = { Closure body -> declarative.pipeline(body) }
    jenkins.build { script.run() }
}

for (variable in [USUAL: 'proctor.toml', BESIDE: 'ci/hosted.toml', ADDED: 'ci/hosted.toml']) {
    cases.check("${variable.key}: it runs") { Jenkins jenkins ->
        go(jenkins, program, variable.key, variable.value)
        same(jenkins.result, 'SUCCESS')
        same(jenkins.published.junit, [[path: 'junit.xml', tests: 4, failures: 0]])
    }
}

cases.check('a change of a fork runs nothing') { Jenkins jenkins ->
    jenkins.agent.environment.CHANGE_FORK = 'somebody/shop'
    go(jenkins, program, 'USUAL', 'proctor.toml')
    same(jenkins.result, 'SUCCESS')
    says(jenkins, 'Stage skipped due to when conditional')
    same(jenkins.published, [:])
}
