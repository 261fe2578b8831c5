// The real program against the sandbox, started by a real shell.
import static Cases.same
import static Cases.says

String api = System.getenv('KEPLOY_URL')
Map keploy = [
    provider: 'keploy', base_url: System.getenv('SYSTEM_URL'), apiUrl: api, credentialsId: 'k', timeout: '20s',
    reports: ['junit', 'json'], executable: System.getenv('PROCTOR_BIN'),
]

/** Runs the step with the key at hand. */
Object go(Jenkins jenkins, Map arguments) {
    jenkins.credentials = [k: System.getenv('KEY'), wrong: 'kep_wrong']
    return jenkins.proctor(arguments)
}

cases.check('passed') { Jenkins jenkins ->
    Map outcome = (Map) go(jenkins, keploy.findAll { it.key != 'reports' } + [app: 'app-7f3'])
    same(jenkins.result, 'SUCCESS')
    same([outcome.exitCode, outcome.verdict, outcome.passed, outcome.failed, outcome.unpublished], [0, 'passed', 4, 0, []])
    same(jenkins.published.junit, [[path: 'junit.xml', tests: 4, failures: 0]])
    same(jenkins.published.archiveArtifacts, ['junit.xml', 'results.json', 'report.html', 'warnings-ng.json'])
    same(jenkins.published.publishHTML*.reportFiles, ['report.html'])
    same(jenkins.published.recordIssues.size(), 1)
    same(jenkins.agent.temporary.list().toList(), [])
}

cases.check('failed') { Jenkins jenkins ->
    Map outcome = (Map) go(jenkins, keploy + [app: 'app-outcomes', suites: ['fail', 'pass']])
    same(jenkins.result, 'UNSTABLE')
    same([outcome.exitCode, outcome.name, outcome.verdict, outcome.passed, outcome.failed], [1, 'failed', 'failed', 3, 1])
    same(jenkins.published.junit*.failures, [1])
}

cases.check('no key: usage, and nothing is published') { Jenkins jenkins ->
    go(jenkins, keploy + [app: 'app-7f3', credentialsId: [OTHER: 'k']])
    same(jenkins.result, 'FAILURE')
    says(jenkins, '(exit code 2, usage;')
    same(jenkins.published, [:])
}

cases.check('a misspelt parameter: usage, from the program itself') { Jenkins jenkins ->
    go(jenkins, keploy + [app: 'app-7f3', timout: '5m'])
    says(jenkins, '(exit code 2, usage;')
    assert jenkins.agent.log.contains('timout')
}

cases.check('a wrong key: authentication') { Jenkins jenkins ->
    go(jenkins, keploy + [app: 'app-7f3', credentialsId: 'wrong', results: [authentication: 'NOT_BUILT']])
    same(jenkins.result, 'NOT_BUILT')
    says(jenkins, '(exit code 5, authentication;')
}

cases.check('nobody listens: unavailable') { Jenkins jenkins ->
    Map outcome = (Map) go(jenkins, keploy + [
        app: 'app-7f3', apiUrl: System.getenv('CLOSED_URL'), results: [unavailable: 'UNSTABLE'], timeout: '30s',
    ])
    same([jenkins.result, outcome.exitCode, outcome.verdict], ['UNSTABLE', 7, 'errored'])
    same(jenkins.published.junit*.path, ['junit.xml'])
}

cases.check('targets of proctor.toml') { Jenkins jenkins ->
    new File(jenkins.agent.workspace, 'ci.toml').text = """
        [targets.good]
        provider = "keploy"
        api_url = "${api}"
        app = "app-7f3"
        base_url = "${System.getenv('SYSTEM_URL')}"
        [targets.other]
        provider = "keploy"
        app = "not asked for"
        base_url = "${System.getenv('SYSTEM_URL')}"
    """
    Map outcome = (Map) go(jenkins, keploy.subMap(['reports', 'executable']) + [
        targets: ['good'], config: 'ci.toml', credentialsId: [KEPLOY_API_KEY: 'k'],
    ])
    same([outcome.exitCode, outcome.passed], [0, 4])
}

cases.check('hostile text reaches the program as it is, and nothing of it is executed') { Jenkins jenkins ->
    String text = "\$(touch hacked) `touch hacked` '; touch hacked; \" & | %PATH%\nä"
    go(jenkins, keploy + [app: 'app-7f3', suites: text])
    says(jenkins, '(exit code 2, usage;')
    assert jenkins.agent.log.contains('touch hacked')
    assert !new File(jenkins.agent.workspace, 'hacked').exists()
}

cases.check('a program that is not there') { Jenkins jenkins ->
    go(jenkins, keploy + [app: 'app-7f3', executable: './not here'])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'the program could not be started (126, 127) or was killed')
}

cases.check('another program that fails has run no tests') { Jenkins jenkins ->
    go(jenkins, keploy + [app: 'app-7f3', executable: '/bin/false'])
    same(jenkins.result, 'FAILURE')
    says(jenkins, '(exit code 1, unknown;')
}

cases.check('tests that failed with --exit-zero end with 0') { Jenkins jenkins ->
    Map outcome = (Map) go(jenkins, keploy + [app: 'app-outcomes', suites: ['fail', 'pass'], args: '--exit-zero'])
    same([jenkins.result, outcome.exitCode, outcome.verdict, outcome.failed], ['SUCCESS', 0, 'failed', 1])
}

cases.check('no test ran') { Jenkins jenkins ->
    Map outcome = (Map) go(jenkins, keploy + [app: 'app-empty', propagate: false])
    same([outcome.exitCode, outcome.name], [9, 'no_tests'])
}

cases.check('an aborted build stops the run at the service, and has its reports') { Jenkins jenkins ->
    jenkins.agent.interruption = {
        // Until the run is being followed; if that never comes, the assertions below find nothing.
        URL requests = new URL(new URL(System.getenv('ABORTED_URL')), '/_sandbox/requests')
        for (int i = 0; i < 1200 && !requests.text.contains('/jobs/'); i++) {
            Thread.sleep(50)
        }
    }
    go(jenkins, keploy + [app: 'app-stuck', timeout: '5m', apiUrl: System.getenv('ABORTED_URL')])
    same(jenkins.result, 'ABORTED')
    same(jenkins.published.junit*.path, ['junit.xml'])
    same(new groovy.json.JsonSlurper().parse(new File(jenkins.agent.workspace, 'results.json')).exit_code, 143)
}
