// Installing a release: the real script, from a server on loopback.
import static Cases.same
import static Cases.says

String served = System.getenv('RELEASES_URL')

/** A Jenkins whose library has the checksums of version 1.2.3, and whose agent downloads from the test. */
Jenkins ready(Jenkins jenkins, String served) {
    jenkins.resources = new File(System.getenv('RESOURCES'))
    jenkins.agent.environment.PROCTOR_DOWNLOAD = served
    return jenkins
}

cases.check('a version is downloaded, verified and run, and kept for the next build') { Jenkins jenkins ->
    ready(jenkins, served)
    jenkins.proctor([version: '1.2.3', reports: []])
    File program = new File(jenkins.agent.temporary, 'proctor/1.2.3/proctor')
    assert program.canExecute()
    assert jenkins.agent.log.contains('verified and installed')
    // The released program of the test ends with 9, as if no test had run.
    same(jenkins.result, 'FAILURE')
    says(jenkins, '(exit code 9, no_tests;')
    same(jenkins.agent.temporary.list().toList(), ['proctor'])
    jenkins.proctor([version: '1.2.3', reports: []])
    assert jenkins.agent.log.contains('is there already, and is what was released')
}

cases.check('a version is installed even if there is a program on the PATH') { Jenkins jenkins ->
    ready(jenkins, served)
    File other = new File(jenkins.agent.workspace, 'bin/proctor')
    other.parentFile.mkdirs()
    other.text = '#!/bin/sh\nexit 3\n'
    other.executable = true
    jenkins.agent.environment.PATH = "${other.parent}:${jenkins.agent.environment.PATH}".toString()
    jenkins.proctor([version: '1.2.3'])
    says(jenkins, '(exit code 9, no_tests;')
}

cases.check('what was tampered with is replaced') { Jenkins jenkins ->
    ready(jenkins, served)
    File program = new File(jenkins.agent.temporary, 'proctor/1.2.3/proctor')
    program.parentFile.mkdirs()
    program.text = '#!/bin/sh\ntouch hacked\n'
    program.executable = true
    jenkins.proctor([version: '1.2.3'])
    says(jenkins, '(exit code 9, no_tests;')
    assert !new File(jenkins.agent.workspace, 'hacked').exists()
}

cases.check('another file than the released one is not run') { Jenkins jenkins ->
    ready(jenkins, served + '/other')
    jenkins.proctor([version: '1.2.3'])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'version 1.2.3 could not be installed, so nothing was run; the log says why (exit code 2, usage;')
    same(jenkins.agent.commands*.label, ['Install proctor 1.2.3'])
    assert !new File(jenkins.agent.temporary, 'proctor/1.2.3/proctor').exists()
}

cases.check('a place to download from that is out of reach counts as unavailable') { Jenkins jenkins ->
    ready(jenkins, served)
    jenkins.agent.codes = ['install.sh': 7]
    Map outcome = (Map) jenkins.proctor([version: '1.2.3', results: [unavailable: 'NOT_BUILT']])
    same([jenkins.result, outcome.name], ['NOT_BUILT', 'unavailable'])
    says(jenkins, 'could not be installed, so nothing was run; the log says why (exit code 7, unavailable;')
}

for (code in [1, 2, 7]) {
    cases.check("reports of an earlier build are gone if installing ends with ${code}") { Jenkins jenkins ->
        ready(jenkins, served)
        jenkins.agent.codes = ['install.sh': code]
        for (name in ['junit.xml', 'results-first.json']) {
            new File(jenkins.agent.workspace, name).text = '{}'
        }
        Map outcome = (Map) jenkins.proctor([version: '1.2.3', reports: ['junit', 'json=results-first.json'], propagate: false])
        same([outcome.exitCode, outcome.result, outcome.verdict], [code, 'FAILURE', 'errored'])
        same(jenkins.agent.workspace.list().toList(), [])
    }
}

cases.check('a version that the library does not know is not downloaded') { Jenkins jenkins ->
    ready(jenkins, served)
    jenkins.proctor([version: '9.9.9'])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'this library has no checksums of version 9.9.9')
    same(jenkins.agent.commands, [])
}

cases.check('without a version and a program it is the library\'s own release') { Jenkins jenkins ->
    ready(jenkins, served)
    jenkins.agent.environment.PATH = '/usr/bin:/bin'
    jenkins.resources = new File(jenkins.agent.workspace, 'none')
    jenkins.proctor([:])
    says(jenkins, "this library has no checksums of version ${jenkins.library().VERSION}")
}
