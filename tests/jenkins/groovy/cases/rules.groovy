// What Jenkins demands of the code itself: nothing that needs an approval, and steps only where they can be waited for.
import static Cases.same

/** On the default list of the Script Security plugin (`generic-whitelist`), for the types they are called on here. */
Set approved = [
    'add', 'addAll', 'call', 'contains', 'containsKey', 'endsWith', 'entrySet', 'find', 'indexOf', 'join', 'keySet',
    'lastIndexOf', 'matches', 'randomUUID', 'readLines', 'replace', 'replaceAll', 'size', 'startsWith', 'subList',
    'substring', 'toInteger', 'toLowerCase', 'toString', 'tokenize', 'values',
]
/** Steps and symbols of Jenkins and of the plugins that the help names. */
Set steps = [
    'archiveArtifacts', 'bat', 'catchError', 'deleteDir', 'dir', 'echo', 'error', 'fileExists', 'isUnix', 'issues', 'junit',
    'libraryResource', 'publishHTML', 'pwd', 'readFile', 'recordIssues', 'sh', 'string', 'unstable', 'withCredentials',
    'writeFile',
]
Calls calls = Calls.of(new File(System.getenv('LIBRARY'), 'vars/proctor.groovy'))
Set methods = calls.plain.keySet()

cases.check('nothing is called that an administrator would have to approve') {
    assert methods.containsAll(['call', 'planFrom', 'forSh'])
    same(calls.others.values().flatten().toSet() - approved, [] as Set)
    // Types are named to ask whether a value is of one. That is not a call.
    Set types = ['java.lang.Boolean', 'java.lang.CharSequence', 'java.lang.Number', 'java.util.List', 'java.util.Map']
    same(calls.classes.findAll { it.key in methods }.values().flatten().toSet() - types, ['java.util.UUID'] as Set)
}

cases.check('only known steps are taken, and all of them are') {
    same(calls.own.values().flatten().toSet() - methods, steps)
}

cases.check('what is marked as plain takes no step, and calls nothing that does') {
    for (method in methods.findAll { calls.plain[it] }) {
        same(calls.own[method].findAll { !calls.plain[it] }, [] as Set)
    }
}

cases.check('what takes steps does nothing that a pipeline cannot be saved in the middle of') {
    // Loops over iterators and Groovy's own methods with closures: all of those are in plain methods.
    for (method in methods.findAll { !calls.plain[it] }) {
        same(calls.others[method] - ['add', 'call', 'join', 'randomUUID', 'size', 'toString'], [] as Set)
    }
}
