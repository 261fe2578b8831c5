// What becomes of the build: every exit code under every mapping.
import static Cases.same
import static Cases.says
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

Map<Integer, List<String>> usual = [
    0: ['passed', 'SUCCESS'], 1: ['failed', 'UNSTABLE'], 2: ['usage', 'FAILURE'], 3: ['service_errored', 'FAILURE'],
    4: ['timed_out', 'FAILURE'], 5: ['authentication', 'FAILURE'], 6: ['quota', 'FAILURE'], 7: ['unavailable', 'FAILURE'],
    8: ['protocol', 'FAILURE'], 9: ['no_tests', 'FAILURE'], 70: ['internal', 'FAILURE'], 129: ['interrupted', 'ABORTED'],
    130: ['interrupted', 'ABORTED'], 143: ['interrupted', 'ABORTED'], 126: ['unknown', 'FAILURE'],
    127: ['unknown', 'FAILURE'], 137: ['unknown', 'FAILURE'], (-1): ['unknown', 'FAILURE'],
]

/** What is told of the code, and whether the pipeline goes on behind the step. */
void ends(Jenkins jenkins, Map arguments, int code, String name, String result) {
    Scripted.ends(jenkins, code, [verdict: code == 0 ? 'passed' : 'failed'])
    boolean wentOn = false
    Map outcome = jenkins.build {
        Map outcome = jenkins.library().call(arguments)
        wentOn = true
        return outcome
    }
    same(jenkins.result, result)
    same(wentOn, result in ['SUCCESS', 'UNSTABLE', 'NOT_BUILT'])
    says(jenkins, "(exit code ${code}, ${name};")
    if (wentOn) {
        same([outcome.exitCode, outcome.name, outcome.result], [code, name, result])
    }
}

for (known in usual) {
    cases.check("exit code ${known.key} by itself") { Jenkins jenkins ->
        ends(jenkins, [:], known.key, known.value[0], known.value[1])
    }
}

List mappable = usual.findAll { it.value[1] in ['UNSTABLE', 'FAILURE'] && it.value[0] != 'unknown' }.keySet().toList()
for (code in mappable) {
    for (result in Jenkins.ORDER) {
        cases.check("exit code ${code} as ${result}, by its name") { Jenkins jenkins ->
            ends(jenkins, [results: [(usual[code][0]): result]], code, usual[code][0], result)
        }
    }
    cases.check("exit code ${code} as NOT_BUILT, by its number, and the others as ever") { Jenkins jenkins ->
        ends(jenkins, [results: [(code): 'NOT_BUILT']], code, usual[code][0], 'NOT_BUILT')
        Map plan = (Map) jenkins.library().planFrom([results: [(code): 'NOT_BUILT']])
        same(plan.results.findAll { it.key != code && it.value != usual[it.key][1] }, [:])
    }
}

cases.check('propagate: false leaves the build alone and tells everything') { Jenkins jenkins ->
    Scripted.ends(jenkins, 6, [verdict: 'errored', passed: 3, failed: 2, errored: 4, skipped: 1, 'run-url': 'https://x/1'])
    Map outcome = (Map) jenkins.proctor([propagate: false, reports: ['junit', 'json=out/r.json']])
    same(jenkins.result, 'SUCCESS')
    same(outcome, [
        exitCode: 6, name: 'quota', result: 'FAILURE', meaning: 'a limit of the plan at the service is reached',
        verdict: 'errored', runUrl: 'https://x/1', reports: [junit: 'junit.xml', json: 'out/r.json'],
        passed: 3, failed: 2, errored: 4, skipped: 1, flaky: 0, new: 0, quarantined: 0, unpublished: [],
    ])
    same(jenkins.log, [])
}

cases.check('the counts and the address of the run are in the message') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1, [passed: 3, failed: 2, skipped: 1, 'run-url': 'https://x/1'])
    jenkins.proctor([:])
    says(jenkins, 'proctor: tests failed (exit code 1, failed; 3 passed, 2 failed, 0 errored, 1 skipped) https://x/1')
}

cases.check('what is remarked of tests is told, and said if there is any') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1, [passed: 3, failed: 2, flaky: 1, new: 2, quarantined: 0])
    Map outcome = (Map) jenkins.proctor([propagate: false])
    same([outcome.flaky, outcome.new, outcome.quarantined], [1, 2, 0])
    Scripted.ends(jenkins, 1, [passed: 3, failed: 2, flaky: 1, new: 2, quarantined: 0])
    jenkins.proctor([:])
    says(jenkins, '(exit code 1, failed; 3 passed, 2 failed, 0 errored, 0 skipped, 1 flaky, 2 new)')
}

cases.check('exit code 0 without results is no pass') { Jenkins jenkins ->
    Scripted.endsEmpty(jenkins, 0)
    jenkins.proctor([:])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'the program ended without results, which is no pass')
}

for (code in [1, 3, 4, 9]) {
    cases.check("exit code ${code} without results is not Proctor's") { Jenkins jenkins ->
        Scripted.endsEmpty(jenkins, code)
        jenkins.proctor([results: [failed: 'SUCCESS', service_errored: 'SUCCESS', timed_out: 'SUCCESS', no_tests: 'SUCCESS']])
        same(jenkins.result, 'FAILURE')
        says(jenkins, 'the program ended without results that say the same as its exit code: is it Proctor? ' +
            "(exit code ${code}, unknown;")
    }
    cases.check("exit code ${code} with results of another code is not Proctor's") { Jenkins jenkins ->
        Scripted.ends(jenkins, code, ['exit-code': 8])
        jenkins.proctor([:])
        same(jenkins.result, 'FAILURE')
        says(jenkins, "(exit code ${code}, unknown;")
    }
    cases.check("exit code ${code} behind runs that end with 0 comes of publishing, if it is not 1") { Jenkins jenkins ->
        Scripted.ends(jenkins, code, [verdict: 'passed', 'exit-code': 0])
        Map outcome = (Map) jenkins.proctor([propagate: false])
        same(outcome.name, code == 1 ? 'unknown' : usual[code][0])
    }
}

cases.check('exit code 0 counts with any verdict, as --exit-zero and --fail-on make it') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'failed'])
    Map outcome = (Map) jenkins.proctor([args: '--exit-zero'])
    same([jenkins.result, outcome.name, outcome.verdict], ['SUCCESS', 'passed', 'failed'])
}

cases.check('without results all counts are 0 and the verdict is errored') { Jenkins jenkins ->
    Scripted.endsEmpty(jenkins, 2)
    Map outcome = (Map) jenkins.proctor([propagate: false])
    same([outcome.name, outcome.verdict, outcome.passed, outcome.failed, outcome.runUrl], ['usage', 'errored', 0, 0, ''])
}

cases.check('a value cannot forge another output') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1, ['run-url': 'https://x/\nverdict<<X\npassed\nX', failed: 7])
    Map outcome = (Map) jenkins.proctor([propagate: false])
    same([outcome.verdict, outcome.failed], ['failed', 7])
}

cases.check('an abort is passed on, with the reports published and nothing marked') { Jenkins jenkins ->
    Scripted.ends(jenkins, new FlowInterruptedException('ABORTED'))
    jenkins.proctor([provider: 'keploy', app: 'a'])
    same(jenkins.result, 'ABORTED')
    same(jenkins.published.junit*.path, ['junit.xml'])
    same(jenkins.log, [])
}

cases.check('so is the end of a time limit that Jenkins has set') { Jenkins jenkins ->
    Scripted.ends(jenkins, new FlowInterruptedException('FAILURE'))
    jenkins.proctor([:])
    same(jenkins.result, 'FAILURE')
    same(jenkins.published.junit*.path, ['junit.xml'])
}

cases.check('an abort while reports are published is passed on too') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.steps.junit = { Map given -> throw new FlowInterruptedException('ABORTED') }
    jenkins.proctor([:])
    same(jenkins.result, 'ABORTED')
    same(jenkins.log, [])
}

cases.check('an agent that is lost fails the build in its own words') { Jenkins jenkins ->
    Scripted.endsEmpty(jenkins, new hudson.AbortException('agent went offline'))
    jenkins.proctor([:])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'ERROR: agent went offline')
}

cases.check('nothing is left beside the workspace but what is kept on purpose') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.proctor([:])
    same(jenkins.agent.temporary.list()?.toList() ?: [], [])
}
