// The Jenkinsfiles of the documentation, run with the real step and the stubbed Jenkins of tests/jenkins: the program ends
// well, so each build has to.
import static Cases.same

for (file in new File(System.getenv('JENKINSFILES')).listFiles().sort()) {
    String name = file.name
    // Which library is loaded is Jenkins' own matter.
    String text = file.getText('UTF-8').replaceAll(/(?m)^@Library\(.*$/, '')
    cases.check(name) { Jenkins jenkins ->
        Scripted.ends(jenkins, 0, [verdict: 'passed', 'exit-code': 0, passed: 3])
        jenkins.credentials = [keploy: 'a', checkview: 'b', github: 'c']
        jenkins.steps.proctor = { Map given -> jenkins.library().call(given) }
        // What the library runs has a label; what the page runs by itself has none, and ends well.
        Closure ofLibrary = jenkins.steps.sh
        jenkins.steps.sh = { Object given -> given instanceof Map && given.label ? ofLibrary(given) : 0 }
        jenkins.steps.stage = { CharSequence title, Closure body -> body.call() }
        jenkins.steps.node = { Object label = null, Closure body -> body.call() }
        jenkins.steps.withEnv = { List variables, Closure body -> body.call() }
        jenkins.steps.retry = { Map given, Closure body -> body.call() }
        for (condition in ['agent', 'nonresumable']) {
            jenkins.steps[condition] = { -> condition }
        }
        for (step in ['checkout', 'stash', 'unstash', 'sleep', 'options', 'junit', 'archiveArtifacts']) {
            jenkins.steps[step] = { Object given -> null }
        }
        Script script = jenkins.load(text, 'Jenkinsfile')
        script.binding.setVariable('scm', 'scm')
        script.binding.setVariable('env', [CHANGE_ID: '7', BRANCH_NAME: 'PR-7'])
        Declarative declarative = new Declarative(jenkins, script)
        // No step, as what it is given is closures.
        script.metaClass.parallel = { Map branches -> branches.values().each { it.call() } }
        script.metaClass.pipeline = { Closure body -> declarative.pipeline(body) }
        jenkins.build { script.run() }
        same(jenkins.result, 'SUCCESS')
        // A part that is about doing without the library runs the program by itself.
        boolean asked = jenkins.agent.commands.any { it.script.contains('--ci') }
        same(asked, (text =~ /(?m)^\s*(def \w+ = )?proctor[ (]/).find())
    }
}
