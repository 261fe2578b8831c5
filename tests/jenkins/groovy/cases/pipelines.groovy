// Whole pipelines, in both syntaxes, with the real program.
import static Cases.same
import static Cases.says

String api = System.getenv('KEPLOY_URL')
String system = System.getenv('SYSTEM_URL')
String program = System.getenv('PROCTOR_BIN')

/** A Jenkins with the program on its PATH and the key among its credentials. */
Jenkins ready(Jenkins jenkins, String program) {
    jenkins.credentials = ['keploy-key': System.getenv('KEY')]
    jenkins.agent.environment.PATH = "${new File(program).parent}:${jenkins.agent.environment.PATH}".toString()
    return jenkins
}

cases.check('a declarative pipeline, whose later stages and post conditions see the result') { Jenkins jenkins ->
    ready(jenkins, program)
    Script script = jenkins.load("""
        pipeline {
            agent any
            stages {
                stage('hosted tests') {
                    steps {
                        proctor provider: 'keploy', app: 'app-outcomes', suites: ['fail', 'pass'], base_url: '${system}',
                            apiUrl: '${api}', credentialsId: 'keploy-key', reports: ['junit', 'json']
                    }
                }
                stage('behind it') { steps { echo 'went on' } }
            }
            post {
                always { echo 'always' }
                unstable { echo 'somebody is told' }
                success { echo 'wrong' }
            }
        }
    """, 'Jenkinsfile')
    Declarative declarative = new Declarative(jenkins, script)
    script.metaClass.pipeline = { Closure body -> declarative.pipeline(body) }
    jenkins.build { script.run() }
    same(jenkins.result, 'UNSTABLE')
    same(jenkins.published.junit, [[path: 'junit.xml', tests: 4, failures: 1]])
    for (text in ['went on', 'always', 'somebody is told', 'tests failed (exit code 1, failed; 3 passed, 1 failed,']) {
        says(jenkins, text)
    }
    assert !jenkins.log.contains('wrong')
}

cases.check('a declarative pipeline ends at a failure, and post tells of it') { Jenkins jenkins ->
    ready(jenkins, program)
    Script script = jenkins.load("""
        pipeline {
            agent any
            stages {
                stage('hosted tests') {
                    steps {
                        proctor provider: 'keploy', app: 'app-outcomes', suites: ['fail', 'pass'], base_url: '${system}',
                            apiUrl: '${api}', credentialsId: 'keploy-key', reports: ['junit'], results: [failed: 'FAILURE']
                    }
                }
                stage('behind it') { steps { echo 'went on' } }
            }
            post { failure { echo 'somebody is told' } }
        }
    """, 'Jenkinsfile')
    Declarative declarative = new Declarative(jenkins, script)
    script.metaClass.pipeline = { Closure body -> declarative.pipeline(body) }
    jenkins.build { script.run() }
    same(jenkins.result, 'FAILURE')
    same(jenkins.published.junit*.failures, [1])
    says(jenkins, 'somebody is told')
    assert !jenkins.log.contains('went on')
}

cases.check('a scripted pipeline, which decides by itself') { Jenkins jenkins ->
    ready(jenkins, program)
    jenkins.steps.node = { Closure body -> body.call() }
    jenkins.steps.stage = { CharSequence name, Closure body -> body.call() }
    jenkins.steps.proctor = { Map given -> jenkins.library().call(given) }
    Script script = jenkins.load("""
        node {
            stage('hosted tests') {
                def run = proctor(provider: 'keploy', app: 'app-outcomes', suites: ['fail', 'pass'], base_url: '${system}',
                    apiUrl: '${api}', credentialsId: [KEPLOY_API_KEY: 'keploy-key'], reports: [junit: 'out/j.xml'],
                    propagate: false)
                if (run.exitCode == 1 && run.failed == 1 && run.passed == 3 && run.verdict == 'failed') {
                    echo "\${run.name}: \${run.reports.junit}"
                }
            }
        }
    """, 'Jenkinsfile')
    jenkins.build { script.run() }
    same(jenkins.result, 'SUCCESS')
    says(jenkins, 'failed: out/j.xml')
}
