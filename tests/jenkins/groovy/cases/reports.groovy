// What Jenkins is given to show, with all plugins, without some, and when they fail. And the keys.
import static Cases.same
import static Cases.says
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

cases.check('every report is shown, and is an artifact') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.proctor([:])
    same(jenkins.published.junit, [[path: 'junit.xml', tests: 2, failures: 1]])
    same(jenkins.published.recordIssues*.tool, [[symbol: 'issues', pattern: 'warnings-ng.json', id: 'proctor', name: 'Proctor']])
    Map html = jenkins.published.publishHTML[0]
    same([html.reportDir, html.reportFiles, html.includes, html.reportName], ['.', 'report.html', 'report.html', 'Proctor'])
    same(jenkins.published.archiveArtifacts, ['junit.xml', 'results.json', 'report.html', 'warnings-ng.json'])
    same(jenkins.log.size(), 1)
}

cases.check('reports lie where they are asked for, under a name of their own') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.proctor([name: 'API: Über tests!', reports: [junit: 'a b/j.xml', html: 'a b/c/r.html', 'warnings-ng': 'w.json']])
    same(jenkins.published.junit*.path, ['a b/j.xml'])
    Map html = jenkins.published.publishHTML[0]
    same([html.reportDir, html.reportFiles, html.includes], ['a b/c', 'r.html', 'r.html'])
    same([html.reportName, jenkins.published.recordIssues[0].tool.id], ['API: Über tests!', 'api-ber-tests'])
    same(jenkins.published.archiveArtifacts, ['a b/j.xml', 'a b/c/r.html', 'w.json'])
}

cases.check('two calls of a build with names of their own do not get in each other\'s way') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.proctor([name: 'API'])
    jenkins.proctor([name: 'Shop', reports: ['warnings-ng=shop.json']])
    same(jenkins.published.recordIssues*.tool*.id, ['api', 'shop'])
    same(jenkins.result, 'UNSTABLE')
}

cases.check('issues are recorded in a build that has failed before, too') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.worsen('FAILURE')
    jenkins.proctor([:])
    same(jenkins.published.recordIssues.size(), 1)
    same(jenkins.result, 'FAILURE')
}

cases.check('reports of an earlier build are not taken for this one\'s') { Jenkins jenkins ->
    // Executed by a real shell, with a program that writes nothing.
    File program = new File(jenkins.agent.workspace, 'program')
    program.text = '#!/bin/sh\nexit 2\n'
    program.executable = true
    for (name in ['junit.xml', 'results.json', 'report.html', 'kept.xml']) {
        new File(jenkins.agent.workspace, name).text = Scripted.JUNIT
    }
    jenkins.proctor([executable: './program'])
    same(jenkins.published, [:])
    same(jenkins.agent.workspace.list().sort(), ['kept.xml', 'program'])
}

cases.check('they are removed even if nothing comes to be run') { Jenkins jenkins ->
    jenkins.agent.codes = ['proctor --version': 0]
    new File(jenkins.agent.workspace, 'results.json').text = '{}'
    new File(jenkins.agent.workspace, 'proctor-handle.json').text = '{}'
    jenkins.proctor([provider: 'keploy', app: 'a', credentialsId: 'gone'])
    says(jenkins, "Could not find credentials entry with ID 'gone'")
    same(jenkins.agent.workspace.list().toList(), ['proctor-handle.json'])
}

cases.check('what is in the way of a report and cannot be removed is told of, and nothing is run') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    new File(jenkins.agent.workspace, 'results.json/kept').mkdirs()
    jenkins.proctor([propagate: false])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'results.json is there already and cannot be removed')
    same(jenkins.agent.commands*.label, ['Remove earlier reports'])
}

cases.check('runs that go on, and results that were not sent, are kept as artifacts') { Jenkins jenkins ->
    Scripted.endsEmpty(jenkins, 4)
    for (name in ['proctor-handle.json', 'proctor-handle-2.json', 'proctor-unsent.jsonl', 'other.json']) {
        new File(jenkins.agent.workspace, name).text = '{}'
    }
    jenkins.proctor([:])
    same(jenkins.published.archiveArtifacts, ['proctor-handle-2.json', 'proctor-handle.json', 'proctor-unsent.jsonl'])
}

Map plugins = [
    junit: 'junit (plugin junit)', publishHTML: 'publishHTML (plugin htmlpublisher)',
    recordIssues: 'recordIssues (plugin warnings-ng)', issues: 'recordIssues (plugin warnings-ng)',
]
for (known in plugins) {
    cases.check("a Jenkins without ${known.key} is told of once, and nothing fails") { Jenkins jenkins ->
        Scripted.ends(jenkins, 0, [verdict: 'passed'])
        jenkins.steps.remove(known.key)
        jenkins.proctor([:])
        same(jenkins.result, 'SUCCESS')
        says(jenkins, "this Jenkins does not have ${known.value}, so these reports are artifacts only")
        same(jenkins.published.archiveArtifacts.size(), 4)
    }
}

cases.check('a Jenkins without any of the plugins is told of in one line') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.steps.keySet().removeAll(['junit', 'recordIssues', 'issues', 'publishHTML'])
    jenkins.proctor([:])
    same(jenkins.result, 'UNSTABLE')
    says(jenkins, plugins.values().unique(false).join(', '))
    same(jenkins.log.size(), 2)
}

cases.check('a report that Jenkins does not take fails the build, after all others were published') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.steps.junit = { Map given -> throw new IOException('junit.xml is damaged') }
    jenkins.proctor([:])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'The build fails as reports could not be published: junit (plugin junit): junit.xml is damaged')
    same(jenkins.published.archiveArtifacts.size(), 4)
}

cases.check('a plugin that is broken is not taken for one that is absent') { Jenkins jenkins ->
    Scripted.ends(jenkins, 1)
    jenkins.steps.publishHTML = { Map given -> throw new NoSuchMethodError('hudson.Util.gone()') }
    Map outcome = (Map) jenkins.proctor([propagate: false])
    same(outcome.unpublished, ['publishHTML (plugin htmlpublisher): hudson.Util.gone()'])
    says(jenkins, 'proctor: publishHTML (plugin htmlpublisher): hudson.Util.gone()')
}

Map<String, List> keys = [
    'the usual variable of a service': [[provider: 'izli', journey: 'j', credentialsId: 'one'], [IZLI_API_KEY: 'secret-1']],
    'a variable that is named'       : [[credentialsId: [ACME_KEY: 'one']], [ACME_KEY: 'secret-1']],
    'several'                        : [[credentialsId: [A: 'one', B_2: 'two']], [A: 'secret-1', B_2: 'secret-2']],
]
for (known in keys) {
    cases.check("a key is bound around the run alone: ${known.key}") { Jenkins jenkins ->
        jenkins.credentials = [one: 'secret-1', two: 'secret-2']
        Scripted.ends(jenkins, 0, [verdict: 'passed'])
        jenkins.proctor(known.value[0])
        same(jenkins.agent.commands*.bound, [[:], known.value[1]])
        same(jenkins.agent.bound, [:])
        assert !jenkins.agent.commands*.script.join('\n').contains('secret-')
    }
}

cases.check('a key is unbound when the build is aborted') { Jenkins jenkins ->
    jenkins.credentials = [one: 'secret-1']
    Scripted.ends(jenkins, new FlowInterruptedException('ABORTED'))
    jenkins.proctor([provider: 'keploy', app: 'a', credentialsId: 'one'])
    same([jenkins.result, jenkins.agent.bound], ['ABORTED', [:]])
}

cases.check('a credential that is not there fails the build, and no old reports are published') { Jenkins jenkins ->
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    new File(jenkins.agent.workspace, 'junit.xml').text = Scripted.JUNIT
    jenkins.proctor([provider: 'keploy', app: 'a', credentialsId: 'gone'])
    same([jenkins.result, jenkins.published], ['FAILURE', [:]])
    says(jenkins, "Could not find credentials entry with ID 'gone'")
}

cases.check('a Jenkins that cannot bind credentials says which plugin it needs') { Jenkins jenkins ->
    jenkins.steps.remove('withCredentials')
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.proctor([provider: 'keploy', app: 'a', credentialsId: 'one'])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'credentialsId needs the plugin credentials-binding')
    same(jenkins.agent.commands*.script.findAll { it.contains('--ci') }, [])
}
