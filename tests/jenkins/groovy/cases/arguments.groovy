// What may be said, what reaches the program, and what is refused before anything runs.
import static Cases.same
import static Cases.says

/** The words that the program is started with, taken apart by a real shell. */
List<String> words(Jenkins jenkins) {
    Map run = jenkins.agent.commands.find { it.script.contains('--ci') }
    String command = run.script.substring(run.script.indexOf('exec ') + 5)
    File file = File.createTempFile('words', '.sh')
    file.setText("printf '%s\\0' ${command}", 'UTF-8')
    Process shell = new ProcessBuilder('/bin/sh', file.path).start()
    String said = shell.inputStream.getText('UTF-8')
    file.delete()
    return said.split('\0', -1).toList().init()
}

/** The same without what is always there. */
List<String> told(Jenkins jenkins) {
    List<String> all = words(jenkins)
    same(all.subList(0, 4), ['proctor', 'run', '--ci', 'jenkins'])
    assert all[4].startsWith('--report=github-outputs=/')
    return all.subList(5, all.size())
}

List<String> usual = ['junit=junit.xml', 'json=results.json', 'html=report.html', 'warnings-ng=warnings-ng.json']
    .collect { '--report=' + it }

Map<String, List> commands = [
    'nothing at all runs every target of proctor.toml': [[:], usual],
    'a service and its parameters': [
        [provider: 'keploy', app: 'app-1', suites: ['a', 'b'], rate_limit: 5, trust_job_status: false, reports: []],
        ['--provider=keploy', '--set=app=app-1', '--set=suites=a,b', '--set=rate_limit=5', '--set=trust_job_status=false'],
    ],
    'parameters named like options, or of a plugin, in set': [
        [set: [name: 'x', 'a-b': "${1 + 1}", timeout: '3'], reports: []],
        ['--set=name=x', '--set=a-b=2', '--set=timeout=3'],
    ],
    'targets come last, and are no flags': [
        [targets: ['--help', 'api'], args: ['--jobs', '2'], reports: []], ['--jobs', '2', '--', '--help', 'api'],
    ],
    'one target, one word to fail on, one argument': [
        [targets: 'api', failOn: 'failed', args: '--quiet', reports: []], ['--fail-on=failed', '--quiet', '--', 'api'],
    ],
    'all other options': [
        [config: 'ci/p.toml', apiUrl: 'https://x/', timeout: '5m', publish: 'testmo', failOn: ['failed', 'flaky'],
         allowEmpty: true, reports: []],
        ['--config=ci/p.toml', '--api-url=https://x/', '--timeout=5m', '--publish=testmo', '--fail-on=failed,flaky',
         '--allow-empty'],
    ],
    'false is as if it was not said': [[allowEmpty: false, reports: []], []],
    'reports by kind, with paths, and of kinds to come': [
        [reports: ['junit', 'html=out/a b.html', 'sarif=x.sarif']],
        ['--report=junit=junit.xml', '--report=html=out/a b.html', '--report=sarif=x.sarif'],
    ],
    'one report': [[reports: 'junit=a.xml'], ['--report=junit=a.xml']],
    'reports as a map': [[reports: [junit: 'api/junit.xml']], ['--report=junit=api/junit.xml']],
    'text of every sort is one word, and not evaluated': [
        [provider: 'keploy', reports: [], set: [
            a: 'two words', b: "it's", c: '$(touch hacked) `touch hacked` $HOME', d: '"; touch hacked #', e: 'x\ny\n',
            f: '\\ \\\\ \\\' %PATH% !x! * ? ~ ä €', g: '', h: "'; touch hacked; '", 'i $(j)': '-'],
         timeout: '-1', args: ['$(touch hacked)', ' ', '&|<>']],
        ['--provider=keploy', '--timeout=-1', '--set=a=two words', "--set=b=it's",
         '--set=c=$(touch hacked) `touch hacked` $HOME', '--set=d="; touch hacked #', '--set=e=x\ny\n',
         '--set=f=\\ \\\\ \\\' %PATH% !x! * ? ~ ä €', '--set=g=', "--set=h='; touch hacked; '", '--set=i $(j)=-',
         '$(touch hacked)', ' ', '&|<>'],
    ],
]
for (known in commands) {
    cases.check(known.key) { Jenkins jenkins ->
        Scripted.ends(jenkins, 0, [verdict: 'passed'])
        jenkins.proctor(known.value[0])
        same(told(jenkins), known.value[1])
    }
}

Map<String, List> refusals = [
    'an option with another case'     : [[apiURL: 'x'], '`apiURL` is no option (options are targets, config, provider,'],
    'an option spelt as on the command line': [[fail_on: 'x'], 'did you mean failOn?'],
    'a name with a dash'              : [['api-url': 'x'], '`api-url` is no option'],
    'a list for text'                 : [[timeout: ['5m']], 'timeout must be text that is not empty'],
    'a number for a duration'         : [[timeout: 5], 'timeout must be text that is not empty'],
    'nothing for text'                : [[provider: ''], 'provider must be text that is not empty'],
    'null for text'                   : [[config: null], 'config must be text that is not empty'],
    'a text for true'                 : [[allowEmpty: 'yes'], 'allowEmpty must be true or false'],
    'numbers as targets'              : [[targets: [1]], 'targets must be text or a list of texts'],
    'a map as targets'                : [[targets: [a: 1]], 'targets must be text or a list of texts'],
    'a list for set'                  : [[set: ['a=b']], 'set must be a map'],
    'null as a parameter'             : [[app: null], 'app must be text, a number, true, false, or a list of these'],
    'a map as a parameter'            : [[app: [a: 1]], 'app must be text, a number, true, false, or a list of these'],
    'a NUL in a parameter'            : [[app: 'a\0b'], 'app must be text, a number, true, false, or a list of these'],
    'a comma within a list'           : [[suites: ['a,b', 'c']], 'suites has a list with a comma within a value'],
    'a parameter twice'               : [[app: 'a', set: [app: 'b']], 'app is given twice, the second time in set'],
    'a parameter with = in its name'  : [[set: ['a=b': 'c']], '`a=b` can be no name of a parameter'],
    'targets beside a provider'       : [[targets: 'a', provider: 'keploy'], 'give one of the two'],
    'a version beside a program'      : [[version: '1.2.3', executable: '/p'], 'give one of the two'],
    'a version that is none'          : [[version: '../1.2.3'], 'version must be one such as'],
    'a flag as program'               : [[executable: '-c'], 'executable must be the path of a program'],
    'a credential for nobody knows whom': [[credentialsId: 'x'], 'credentialsId must say which variable holds the key'],
    'a credential for a plugin'       : [[provider: 'acme', credentialsId: 'x'], 'which variable holds the key'],
    'a variable that can be none'     : [[credentialsId: ['A B': 'x']], 'credentialsId must be a map from names of variables'],
    'an id that is none'              : [[credentialsId: [A: '']], 'credentialsId must be a map from names of variables'],
    'a list of credentials'           : [[credentialsId: ['x']], 'credentialsId must be the id of a credential, or a map'],
    'a kind of report without a path' : [[reports: ['sarif']], "the report `sarif` needs a path: 'sarif=PATH'"],
    'a report in nothing'             : [[reports: ['junit=']], 'the report `junit` needs a path'],
    'a report nowhere'                : [[reports: [junit: null]], 'the report `junit` needs a path'],
    'a report outside'                : [[reports: ['junit=a/../../b.xml']], 'must be a file below the workspace'],
    'a report at an absolute path'    : [[reports: ['junit=/tmp/b.xml']], 'must be a file below the workspace'],
    'a report on another drive'       : [[reports: ['junit=c:x.xml']], 'must be a file below the workspace'],
    'a report in a pattern'           : [[reports: ['junit=*.xml']], 'must be a file below the workspace'],
    'a report at several paths'       : [[reports: ['junit=a.xml,b.xml']], 'must be a file below the workspace'],
    'a report on standard output'     : [[reports: ['junit=-']], 'must be a file below the workspace'],
    'a result that is none'           : [[results: [failed: 'YELLOW']], 'failed must be one of SUCCESS, UNSTABLE, FAILURE'],
    'a result for a code that is none': [[results: [11: 'SUCCESS']], 'results cannot say anything of `11`'],
    'another result for a pass'       : [[results: [passed: 'FAILURE']], 'results cannot say anything of `passed`'],
    'another result for an abort'     : [[results: [143: 'SUCCESS']], 'results cannot say anything of `143`'],
]
for (known in refusals) {
    cases.check("refused: ${known.key}") { Jenkins jenkins ->
        Scripted.ends(jenkins, 0, [verdict: 'passed'])
        same(jenkins.proctor(known.value[0]), null)
        same(jenkins.result, 'FAILURE')
        says(jenkins, known.value[1])
        says(jenkins, 'Nothing was run.')
        same(jenkins.agent.commands, [])
    }
}

cases.check('refused: all mistakes at once, in one error') { Jenkins jenkins ->
    jenkins.proctor([apiURL: 'x', timeout: 5, results: [failed: 'RED'], credentialsId: 'id'])
    same(jenkins.log.size(), 1)
    for (part in ['`apiURL`', 'timeout must', 'results: failed', 'credentialsId must']) {
        says(jenkins, part)
    }
}

cases.check('refused: arguments without names') { Jenkins jenkins ->
    jenkins.build { jenkins.library().call('api') }
    says(jenkins, "arguments have names, as in proctor(provider: 'keploy'), not `api`. Nothing was run.")
}

cases.check('a plan holds texts alone, whatever the caller gave') { Jenkins jenkins ->
    // As JsonSlurper gives them: maps that no pipeline can be saved with.
    Map lazy = (Map) new groovy.json.JsonSlurper().parseText('{"provider": "keploy", "set": {"app": "a", "n": 1}}')
    Map plan = (Map) jenkins.library().planFrom(lazy + [reports: ["junit=${'a'}.xml"]])
    jenkins.mustSerialize('the plan', [plan])
    same(plan.arguments, ['--provider=keploy', '--set=app=a', '--set=n=1', '--report=junit=a.xml'])
}
