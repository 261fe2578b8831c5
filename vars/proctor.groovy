/*
 * The step `proctor(...)`: runs the tests kept at a hosted testing service, shows their results in Jenkins, and lets
 * Proctor's exit code decide what becomes of the build. `proctor.txt` beside this file says how it is used.
 *
 * It may be loaded as an untrusted library: everything called here is a pipeline step or on the default list of the
 * Script Security plugin, so nobody has to approve anything. What is marked @NonCPS is pure and calls no step.
 */
import groovy.transform.Field
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The release that is installed if none is named: the one this library belongs to. */
@Field final String VERSION = '0.1.0'

/** Every exit code of Proctor: its name, what becomes of the build, what it means and who can do something. */
@Field final Map EXIT_CODES = [
    0  : [name: 'passed', result: 'SUCCESS', meaning: 'every target passed'],
    1  : [name: 'failed', result: 'UNSTABLE', meaning: 'tests failed'],
    2  : [name: 'usage', result: 'FAILURE', meaning: 'wrong usage, configuration or id, so nothing was triggered'],
    3  : [name: 'service_errored', result: 'FAILURE', meaning: 'a run errored or was cancelled at the service'],
    4  : [name: 'timed_out', result: 'FAILURE', meaning: 'the time limit passed; `proctor wait` follows what goes on'],
    5  : [name: 'authentication', result: 'FAILURE', meaning: 'the service refused the key: look at credentialsId'],
    6  : [name: 'quota', result: 'FAILURE', meaning: 'a limit of the plan at the service is reached'],
    7  : [name: 'unavailable', result: 'FAILURE', meaning: 'unreachable: run again, or `proctor wait` if a run goes on'],
    8  : [name: 'protocol', result: 'FAILURE', meaning: 'the service answered in a way that cannot be understood'],
    9  : [name: 'no_tests', result: 'FAILURE', meaning: 'no test ran; allowEmpty: true accepts that'],
    70 : [name: 'internal', result: 'FAILURE', meaning: 'a defect in Proctor itself'],
    129: [name: 'interrupted', result: 'ABORTED', meaning: 'stopped by SIGHUP'],
    130: [name: 'interrupted', result: 'ABORTED', meaning: 'stopped by SIGINT'],
    143: [name: 'interrupted', result: 'ABORTED', meaning: 'stopped by SIGTERM'],
]

/** What other programs end with too: these count only with results of Proctor. */
@Field final List COMMON_CODES = [0, 1, 3, 4, 9]

/** What an exit code may be turned into. */
@Field final List RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

/** The variable that each service's key is read from. */
@Field final Map KEY_VARIABLES = [
    keploy: 'KEPLOY_API_KEY', checkview: 'CHECKVIEW_API_TOKEN', testclix: 'TESTCLIX_API_KEY', izli: 'IZLI_API_KEY',
    testmo: 'TESTMO_TOKEN', http: 'PROCTOR_HTTP_KEY',
]

/** Where each kind of report is written if no path is given. */
@Field final Map REPORT_PATHS = [
    junit: 'junit.xml', json: 'results.json', html: 'report.html', 'warnings-ng': 'warnings-ng.json',
    markdown: 'summary.md', 'gitlab-codequality': 'gl-code-quality-report.json',
    'gitlab-annotations': 'gl-annotations.json', dotenv: 'proctor.env',
]

/** The reports that are written if none is named: those that Jenkins shows, and all that is known. */
@Field final List USUAL_REPORTS = ['junit', 'json', 'html', 'warnings-ng']

/** How tests are counted. */
@Field final List COUNTS = ['passed', 'failed', 'errored', 'skipped']

/** What is counted of them beside: of those that passed, and of those that did not. */
@Field final List REMARKS = ['flaky', 'new', 'quarantined']

/** The options and what each must be. All other arguments are parameters of the service. */
@Field final Map OPTIONS = [
    targets: 'list', config: 'text', provider: 'text', set: 'map', apiUrl: 'text', timeout: 'text', failOn: 'list',
    allowEmpty: 'boolean', publish: 'text', args: 'list', reports: 'reports', credentialsId: 'text or map',
    results: 'map', propagate: 'boolean', name: 'text', version: 'text', executable: 'text',
]

/** How each of them is described to somebody who gave something else. */
@Field final Map SHAPES = [
    text: 'text that is not empty', list: 'text or a list of texts', map: 'a map', boolean: 'true or false',
    reports: 'a list such as [\'junit\', \'html=out/report.html\'], or a map from kind to path',
    'text or map': 'the id of a credential, or a map from variable to id',
]

/** Runs Proctor once. Returns what came of it, as `proctor.txt` describes. */
def call(Object arguments = [:]) {
    Map plan = planFrom(arguments)
    if (plan.problems) {
        error('proctor: ' + plan.problems.join('; ') + '. Nothing was run.')
    }
    // Of its own for each call, as branches of `parallel` may share a workspace.
    String folder = pwd(tmp: true) + '/proctor-' + UUID.randomUUID()
    try {
        return runWith(plan, folder)
    } finally {
        dir(folder) {
            deleteDir()
        }
    }
}

// ---------------------------------------------------------------------------------------------------- the steps

/** Runs Proctor, shows the reports whatever happened, and marks the build. */
Map runWith(Map plan, String folder) {
    boolean unix = isUnix()
    removeOldReports(plan, unix)
    String program = plan.executable ?: programFor(plan, unix)
    if (!program) {
        String version = plan.version ?: VERSION
        program = pwd(tmp: true) + '/proctor/' + version + '/proctor'
        int code = install(version, folderOf(program), folder)
        if (code != 0) {
            return notInstalled(plan, version, code)
        }
    }
    String outputs = folder + '/outputs'
    // The counts, in the smallest report that has them: all results would be read into the controller's memory.
    List command = [program, 'run', '--ci', 'jenkins', '--report=github-outputs=' + outputs] + plan.arguments
    List unfit = unix ? [] : unfitForWindows(command)
    if (unfit) {
        error('proctor: ' + unfit.join('; ') + '. Nothing was run.')
    }
    String script = unix ? shScript(command) : batScript(command)
    Integer code = null
    List unpublished = []
    try {
        code = withKeys(plan, script, unix)
    } finally {
        // Also if the build is being aborted: Proctor has stopped its runs then, and has written what it knows. But not
        // if it was never started: the files would be those of an earlier build.
        if (plan.started) {
            unpublished = publishReports(plan)
        }
    }
    Map outcome = outcomeOf(plan, code, fileExists(outputs) ? readFile(file: outputs, encoding: 'UTF-8') : '')
    outcome.unpublished = unpublished
    if (plan.propagate) {
        mark(outcome)
    }
    return outcome
}

/**
 * Removes the reports of an earlier build, before anything can end this one: they must not be taken for its own, neither
 * here nor by a later stage. Runs that go on (`proctor-handle.json`) stay known.
 */
void removeOldReports(Map plan, boolean unix) {
    List old = []
    for (int i = 0; i < plan.reports.size(); i++) {
        String path = plan.reports[i].path
        if (fileExists(path)) {
            old.add(path)
        }
    }
    if (!old) {
        return
    }
    runScript(unix ? shRemoval(old) : batRemoval(old), unix, 'Remove earlier reports')
    for (int i = 0; i < old.size(); i++) {
        if (fileExists(old[i])) {
            error('proctor: ' + old[i] + ' is there already and cannot be removed: choose another path for the report, ' +
                'or clean the workspace. Nothing was run.')
        }
    }
}

/** Binds the keys around the one command that needs them, and nothing else. */
Integer withKeys(Map plan, String script, boolean unix) {
    if (!plan.keys) {
        plan.started = true
        return runScript(script, unix, plan.name)
    }
    Integer code = null
    try {
        List bindings = []
        for (int i = 0; i < plan.keys.size(); i++) {
            bindings.add(string(credentialsId: plan.keys[i].id, variable: plan.keys[i].variable))
        }
        withCredentials(bindings) {
            plan.started = true
            code = runScript(script, unix, plan.name)
        }
    } catch (NoSuchMethodError unknown) {
        if (!isUnknownStep(unknown.message)) {
            throw unknown
        }
        error('proctor: credentialsId needs the plugin credentials-binding, which this Jenkins does not have. ' +
            'Nothing was run.')
    }
    return code
}

/** One command of the agent's shell; its exit code. */
Integer runScript(String script, boolean unix, String label) {
    if (unix) {
        return sh(script: script, returnStatus: true, label: label)
    }
    return bat(script: script, returnStatus: true, label: label)
}

/** The program on the agent's PATH, unless a version is asked for; null if it has to be installed. */
String programFor(Map plan, boolean unix) {
    if (!plan.version) {
        String look = unix ? 'command -v proctor && exec proctor --version' : '@where proctor && proctor --version'
        if (runScript(look, unix, 'Is proctor there?') == 0) {
            return 'proctor'
        }
    }
    if (!unix) {
        error('proctor: nothing is installed on Windows agents: put proctor.exe on the PATH, or name it with ' +
            'executable:. Nothing was run.')
    }
    return null
}

/**
 * Downloads a release into a folder beside the workspace, where later builds find it; it is verified every time.
 * Returns the exit code of `install.sh`: 2 for what has to be corrected, 7 if nothing can be downloaded now.
 */
Integer install(String version, String destination, String folder) {
    String checksums = null
    try {
        checksums = libraryResource('proctor/checksums/' + version + '.txt')
    } catch (FlowInterruptedException interruption) {
        throw interruption
    } catch (Exception none) {
        error("proctor: this library has no checksums of version ${version}, so it cannot be verified: load the " +
            'library of that release, or name a program with executable:. Nothing was run.')
    }
    writeFile(file: folder + '/install.sh', text: libraryResource('proctor/install.sh'), encoding: 'UTF-8')
    writeFile(file: folder + '/checksums/' + version + '.txt', text: checksums, encoding: 'UTF-8')
    String script = 'exec sh ' + forSh(folder + '/install.sh') + ' ' + forSh(version) + ' ' + forSh(destination)
    return runScript(script, true, 'Install proctor ' + version)
}

/** What came of it if there is no program to run: nothing was triggered, whatever the reason. */
Map notInstalled(Map plan, String version, int code) {
    Map outcome = outcomeOf(plan, code, '')
    outcome.meaning = "version ${version} could not be installed, so nothing was run; the log says why".toString()
    outcome.unpublished = []
    if (plan.propagate) {
        mark(outcome)
    }
    return outcome
}

/** Gives Jenkins the reports that were written. Returns what could not be given, a line for each. */
List publishReports(Map plan) {
    List absent = []
    List failed = []
    List files = []
    for (int i = 0; i < plan.reports.size(); i++) {
        String kind = plan.reports[i].kind
        String path = plan.reports[i].path
        if (!fileExists(path)) {
            continue
        }
        files.add(path)
        if (kind == 'junit') {
            attempt('junit (plugin junit)', absent, failed) {
                // The exit code says what becomes of the build, and not this step.
                junit(testResults: path, allowEmptyResults: true, skipMarkingBuildUnstable: true)
            }
        } else if (kind == 'warnings-ng') {
            attempt('recordIssues (plugin warnings-ng)', absent, failed) {
                recordIssues(enabledForFailure: true, tool: issues(pattern: path, id: plan.id, name: plan.name))
            }
        } else if (kind == 'html') {
            attempt('publishHTML (plugin htmlpublisher)', absent, failed) {
                // Without `includes` it would keep everything below the folder.
                publishHTML(target: [
                    reportDir: folderOf(path), reportFiles: fileOf(path), includes: fileOf(path), reportName: plan.name,
                    keepAll: true, alwaysLinkToLastBuild: true, allowMissing: true,
                ])
            }
        }
    }
    // Runs that go on, and results that could not be sent, would be lost with the workspace of a short-lived agent.
    if (fileExists('proctor-handle.json')) {
        files.add('proctor-handle*.json')
    }
    if (fileExists('proctor-unsent.jsonl')) {
        files.add('proctor-unsent*.jsonl')
    }
    if (files) {
        attempt('archiveArtifacts', absent, failed) {
            archiveArtifacts(artifacts: files.join(','), allowEmptyArchive: true)
        }
    }
    if (absent) {
        echo('proctor: this Jenkins does not have ' + absent.join(', ') + ', so these reports are artifacts only')
    }
    for (int i = 0; i < failed.size(); i++) {
        echo('proctor: ' + failed[i])
    }
    return failed
}

/** Takes a step that a plugin may or may not bring. */
void attempt(String step, List absent, List failed, Closure body) {
    try {
        body()
    } catch (FlowInterruptedException interruption) {
        throw interruption
    } catch (NoSuchMethodError unknown) {
        if (isUnknownStep(unknown.message)) {
            absent.add(step)
        } else {
            failed.add(step + ': ' + unknown.message)
        }
    } catch (Exception failure) {
        failed.add(step + ': ' + failure.message)
    }
}

/** Lets the build know. FAILURE and ABORTED end the pipeline here, as failing steps do; after the others it goes on. */
void mark(Map outcome) {
    String message = messageFor(outcome)
    if (outcome.result == 'FAILURE') {
        error(message)
    } else if (outcome.result == 'ABORTED') {
        currentBuild.result = 'ABORTED'
        error(message)
    } else if (outcome.unpublished) {
        error(message + '. The build fails as reports could not be published: ' + outcome.unpublished.join('; '))
    } else if (outcome.result == 'UNSTABLE') {
        unstable(message)
    } else if (outcome.result == 'NOT_BUILT') {
        catchError(buildResult: 'NOT_BUILT', stageResult: 'NOT_BUILT') {
            error(message)
        }
    } else {
        echo(message)
    }
}

// ---------------------------------------------------------------------------------------------- what was asked for

/** The arguments, looked at and in order. All that is wrong with them is in `problems`. */
@NonCPS
Map planFrom(Object arguments) {
    if (!(arguments instanceof Map)) {
        return [problems: ["arguments have names, as in proctor(provider: 'keploy'), not `${arguments}`".toString()]]
    }
    List problems = []
    Map options = [:]
    Map parameters = [:]
    for (entry in arguments.entrySet()) {
        String key = entry.key.toString()
        if (OPTIONS.containsKey(key)) {
            if (fits(OPTIONS[key], entry.value)) {
                options[key] = entry.value
            } else {
                problems.add(key + ' must be ' + SHAPES[OPTIONS[key]])
            }
        } else {
            problems.addAll(addParameter(parameters, key, entry.value, true))
        }
    }
    for (entry in (options.set ?: [:]).entrySet()) {
        problems.addAll(addParameter(parameters, entry.key.toString(), entry.value, false))
    }
    if (options.provider && options.targets) {
        problems.add('targets are those of proctor.toml and provider needs none: give one of the two')
    }
    List reports = reportsFrom(options, problems)
    // Texts alone: whatever else the caller gave need not be serializable, and the plan is kept while Proctor runs.
    return [
        problems  : problems,
        name      : (options.name ?: 'Proctor').toString(),
        id        : idFrom(options.name ?: 'Proctor'),
        propagate : options.propagate == null || options.propagate,
        executable: executableFrom(options, problems),
        version   : versionFrom(options, problems),
        keys      : keysFrom(options, problems),
        reports   : reports,
        results   : resultsFrom(options, problems),
        arguments : argumentsFrom(options, parameters, reports),
    ]
}

/** Whether a value is what an option must be. */
@NonCPS
boolean fits(String shape, Object value) {
    if (shape == 'boolean') {
        return value instanceof Boolean
    }
    if (value instanceof Map) {
        return shape == 'map' || shape == 'reports' || shape == 'text or map'
    }
    if (shape == 'map') {
        return false
    }
    if (value instanceof List && (shape == 'list' || shape == 'reports')) {
        for (item in value) {
            if (!isText(item)) {
                return false
            }
        }
        return true
    }
    return isText(value)
}

/** Text that is not empty. What has a NUL in it can be no argument of a program. */
@NonCPS
boolean isText(Object value) {
    return value instanceof CharSequence && value.toString() != '' && !value.toString().contains('\u0000')
}

/** Adds a parameter of the service. Returns what is wrong with it. */
@NonCPS
List addParameter(Map parameters, String key, Object value, boolean shortForm) {
    if (shortForm && !key.matches('[a-z][a-z0-9_]*')) {
        return [unknownOption(key)]
    }
    if (shortForm && optionLike(key)) {
        return [unknownOption(key) + ', did you mean ' + optionLike(key) + '?']
    }
    if (key == '' || key.contains('=') || key.contains('\u0000')) {
        return ["`${key}` can be no name of a parameter".toString()]
    }
    if (parameters.containsKey(key)) {
        return [key + ' is given twice, the second time in set']
    }
    List texts = []
    for (item in (value instanceof List ? value : [value])) {
        String text = parameterText(item)
        if (text == null) {
            return [key + ' must be text, a number, true, false, or a list of these']
        }
        if (value instanceof List && text.contains(',')) {
            return [key + ' has a list with a comma within a value, which only proctor.toml can say']
        }
        texts.add(text)
    }
    parameters[key] = texts.join(',')
    return []
}

/** A value as it stands on the command line; null if it cannot stand there. */
@NonCPS
String parameterText(Object value) {
    boolean plain = value instanceof CharSequence || value instanceof Number || value instanceof Boolean
    return plain && !value.toString().contains('\u0000') ? value.toString() : null
}

@NonCPS
String unknownOption(String key) {
    return "`${key}` is no option (options are ${OPTIONS.keySet().join(', ')}; parameters of the service are written " +
        'in small letters, or given in set: [:])'
}

/** The option that was meant by another spelling, such as api_url. */
@NonCPS
String optionLike(String key) {
    for (option in OPTIONS.keySet()) {
        if (option.toLowerCase() == key.replace('_', '')) {
            return option
        }
    }
    return null
}

/** What warnings-ng tells several results of a build apart by. */
@NonCPS
String idFrom(Object name) {
    String id = name.toString().toLowerCase().replaceAll('[^a-z0-9]+', '-').replaceAll('^-|-$', '')
    return id ?: 'proctor'
}

@NonCPS
String executableFrom(Map options, List problems) {
    String executable = (options.executable ?: '').toString()
    if (executable.startsWith('-')) {
        problems.add('executable must be the path of a program')
    }
    if (executable && options.version) {
        problems.add('version says what to install and executable what is there already: give one of the two')
    }
    return executable
}

@NonCPS
String versionFrom(Map options, List problems) {
    String version = (options.version ?: '').toString()
    if (version && !version.matches('[0-9]+[.][0-9]+[.][0-9]+(-[0-9A-Za-z.-]+)?')) {
        problems.add("version must be one such as ${VERSION}, not `${version}`".toString())
    }
    return version
}

/** The variables to bind, and the credential of each. */
@NonCPS
List keysFrom(Map options, List problems) {
    Object given = options.credentialsId
    if (given == null) {
        return []
    }
    if (!(given instanceof Map)) {
        String variable = KEY_VARIABLES[(options.provider ?: '').toString()]
        if (!variable) {
            problems.add("credentialsId must say which variable holds the key, as no provider of Proctor's own is " +
                "named: credentialsId: [KEPLOY_API_KEY: '${given}']")
        }
        return [[variable: variable, id: given.toString()]]
    }
    List keys = []
    for (entry in given.entrySet()) {
        if (!entry.key.toString().matches('[A-Za-z_][A-Za-z0-9_]*') || !isText(entry.value)) {
            problems.add("credentialsId must be a map from names of variables to ids, unlike `${entry.key}`".toString())
        }
        keys.add([variable: entry.key.toString(), id: entry.value.toString()])
    }
    return keys
}

/** The reports to write, each with its kind and path. */
@NonCPS
List reportsFrom(Map options, List problems) {
    Object given = options.reports == null ? USUAL_REPORTS : options.reports
    List reports = []
    if (given instanceof Map) {
        for (entry in given.entrySet()) {
            reports.add([kind: entry.key.toString(), path: isText(entry.value) ? entry.value.toString() : ''])
        }
    } else {
        for (item in (given instanceof List ? given : [given])) {
            String text = item.toString()
            int at = text.indexOf('=')
            String kind = at < 0 ? text : text.substring(0, at)
            reports.add([kind: kind, path: at < 0 ? (REPORT_PATHS[kind] ?: '') : text.substring(at + 1)])
        }
    }
    for (report in reports) {
        if (report.path == '') {
            problems.add("the report `${report.kind}` needs a path: '${report.kind}=PATH'".toString())
        } else if (!isBelowWorkspace(report.path)) {
            problems.add('the report `' + report.kind + '` must be a file below the workspace, with / between folders ' +
                'and none of , * ? " in its path, not `' + report.path + '`')
        }
    }
    return reports
}

/** Whether Jenkins can take a file: its steps read patterns relative to the workspace, separated by commas. */
@NonCPS
boolean isBelowWorkspace(String path) {
    boolean plain = !(path =~ '[,*?"\\\\\\p{Cntrl}]').find()
    boolean relative = !path.startsWith('/') && !path.startsWith('-') && !path.matches('[A-Za-z]:.*')
    return plain && relative && !path.tokenize('/').contains('..')
}

/** What becomes of the build, by exit code. */
@NonCPS
Map resultsFrom(Map options, List problems) {
    Map results = [:]
    for (entry in EXIT_CODES.entrySet()) {
        results[entry.key] = entry.value.result
    }
    for (entry in (options.results ?: [:]).entrySet()) {
        Integer code = codeOf(entry.key.toString())
        String result = entry.value.toString()
        if (code == null) {
            problems.add("results cannot say anything of `${entry.key}`: it takes ${mappable().join(', ')}, or their " +
                'exit codes')
        } else if (!RESULTS.contains(result)) {
            problems.add("results: ${entry.key} must be one of ${RESULTS.join(', ')}, not `${result}`".toString())
        } else {
            results[code] = result
        }
    }
    return results
}

/** The exit code of this name or number, if it is one that may be turned into any result. */
@NonCPS
Integer codeOf(String key) {
    for (entry in EXIT_CODES.entrySet()) {
        if (mappable().contains(entry.value.name) && (entry.value.name == key || entry.key.toString() == key)) {
            return entry.key
        }
    }
    return null
}

/** What passed is a success and what was stopped is aborted; the rest is for the user to judge. */
@NonCPS
List mappable() {
    List names = []
    for (known in EXIT_CODES.values()) {
        if (known.name != 'passed' && known.name != 'interrupted') {
            names.add(known.name)
        }
    }
    return names
}

// ------------------------------------------------------------------------------------------------ what is executed

/** The arguments of `proctor run`, as they are to reach it. */
@NonCPS
List argumentsFrom(Map options, Map parameters, List reports) {
    List words = []
    Map flags = [
        config: '--config', provider: '--provider', apiUrl: '--api-url', timeout: '--timeout', publish: '--publish',
    ]
    for (entry in flags.entrySet()) {
        if (options[entry.key]) {
            // With `=`, as a value may begin with a dash.
            words.add(entry.value + '=' + options[entry.key])
        }
    }
    for (entry in parameters.entrySet()) {
        words.add('--set=' + entry.key + '=' + entry.value)
    }
    if (options.failOn) {
        words.add('--fail-on=' + textsOf(options.failOn).join(','))
    }
    if (options.allowEmpty) {
        words.add('--allow-empty')
    }
    for (report in reports) {
        words.add('--report=' + report.kind + '=' + report.path)
    }
    words.addAll(textsOf(options.args))
    if (options.targets) {
        words.add('--')
        words.addAll(textsOf(options.targets))
    }
    return words
}

@NonCPS
List textsOf(Object value) {
    List texts = []
    for (item in (value == null ? [] : value instanceof List ? value : [value])) {
        texts.add(item.toString())
    }
    return texts
}

/** For `sh`. `exec` makes Proctor the process that Jenkins stops when the build is aborted. */
@NonCPS
String shScript(List command) {
    List words = []
    for (word in command) {
        words.add(forSh(word))
    }
    return 'exec ' + words.join(' ')
}

/** For `sh`: removes files of the workspace. */
@NonCPS
String shRemoval(List paths) {
    List words = []
    for (path in paths) {
        words.add(forSh('./' + path))
    }
    return 'rm -f ' + words.join(' ')
}

/** Text as one word of a POSIX shell, of which nothing is evaluated. */
@NonCPS
String forSh(String text) {
    return "'" + text.replace("'", "'\\''") + "'"
}

/** What cannot be passed on by a batch file. */
@NonCPS
List unfitForWindows(List command) {
    List problems = []
    String program = command[0]
    if (program.contains('"') || program.toLowerCase().endsWith('.bat') || program.toLowerCase().endsWith('.cmd')) {
        problems.add('executable must be a program such as C:\\tools\\proctor.exe, and no batch file')
    }
    for (word in command) {
        if (word.contains('\n') || word.contains('\r')) {
            problems.add('arguments of several lines cannot be passed on a Windows agent: put them into proctor.toml')
            break
        }
    }
    return problems
}

/** For `bat`. The exit code is that of the last line. */
@NonCPS
String batScript(List command) {
    List words = ['"' + command[0].replace('%', '%%') + '"']
    for (word in command.subList(1, command.size())) {
        words.add(forCmd(word))
    }
    return batFile([words.join(' ')])
}

/** For `bat`: removes files of the workspace. Of a folder `del` would remove all that is in it. */
@NonCPS
String batRemoval(List paths) {
    List lines = []
    for (path in paths) {
        String file = path.replace('/', '\\').replace('%', '%%')
        lines.add('if not exist "' + file + '\\*" del /f /q "' + file + '"')
    }
    return batFile(lines)
}

/** A batch file of these lines, which `cmd.exe` reads as UTF-8 only if it is told to. */
@NonCPS
String batFile(List lines) {
    String script = '@echo off\r\n' + lines.join('\r\n') + '\r\n'
    if (script.matches('(?s).*[^\\x00-\\x7f].*')) {
        return '@chcp 65001 >nul\r\n' + script
    }
    return script
}

/**
 * Text as one argument in a batch file, of which nothing is evaluated.
 *
 * First as the program takes its arguments apart (backslashes before a quote are doubled, quotes have one before them).
 * Then every character that means something to cmd.exe gets a caret, quotes too: so cmd.exe never believes itself
 * within quotes, where a quote of the text could end them. A percent sign is doubled, as carets do not reach it.
 */
@NonCPS
String forCmd(String text) {
    String argument = '"' + text.replaceAll('(\\\\*)"', '$1$1\\\\"').replaceAll('(\\\\+)\\z', '$1$1') + '"'
    return argument.replace('%', '%%').replaceAll('([()!^"<>&|])', '^$1')
}

// ------------------------------------------------------------------------------------------------ what came of it

/** What the pipeline is told. */
@NonCPS
Map outcomeOf(Map plan, Integer code, String outputs) {
    Map told = outputsIn(outputs)
    Map known = EXIT_CODES[code]
    boolean proven = isProven(code, told)
    Map outcome = [
        exitCode: code,
        name    : known && proven ? known.name : 'unknown',
        result  : known && proven ? plan.results[code] : 'FAILURE',
        meaning : meaningOf(code, known && proven),
        verdict : told.verdict ?: 'errored',
        runUrl  : told['run-url'] ?: '',
        reports : [:],
    ]
    for (count in COUNTS + REMARKS) {
        outcome[count] = (told[count] ?: '0').toInteger()
    }
    for (report in plan.reports) {
        outcome.reports[report.kind] = report.path
    }
    return outcome
}

/** Whether an exit code is Proctor's own, and no other program's. */
@NonCPS
boolean isProven(Integer code, Map told) {
    if (!COMMON_CODES.contains(code)) {
        return true
    }
    if (told.verdict == null || code == 0) {
        return told.verdict != null
    }
    // Runs that end with 0 may have results that could not be published, which has a code of its own, but never 1.
    return told['exit-code'] == code.toString() || (told['exit-code'] == '0' && code != 1)
}

/** Reads lines of the form `name<<DELIMITER`, the value, the delimiter. */
@NonCPS
Map outputsIn(String text) {
    Map outputs = [:]
    List lines = text.readLines()
    int i = 0
    while (i < lines.size()) {
        String line = lines[i++]
        int at = line.indexOf('<<')
        if (at >= 0) {
            String end = line.substring(at + 2)
            List value = []
            while (i < lines.size() && lines[i] != end) {
                value.add(lines[i++])
            }
            i++
            outputs[line.substring(0, at)] = value.join('\n')
        }
    }
    return outputs
}

/** What an exit code means; of one that proves nothing, what may have happened. */
@NonCPS
String meaningOf(Integer code, boolean proven) {
    if (proven) {
        return EXIT_CODES[code].meaning
    }
    if (code == 0) {
        return 'the program ended without results, which is no pass: is it Proctor?'
    }
    if (COMMON_CODES.contains(code)) {
        return 'the program ended without results that say the same as its exit code: is it Proctor?'
    }
    return 'the program could not be started (126, 127) or was killed: this is no exit code of Proctor'
}

/** One line for the log and the build's page. */
@NonCPS
String messageFor(Map outcome) {
    List counts = []
    for (count in COUNTS) {
        counts.add(outcome[count] + ' ' + count)
    }
    for (remark in REMARKS) {
        if (outcome[remark]) {
            counts.add(outcome[remark] + ' ' + remark)
        }
    }
    String code = "exit code ${outcome.exitCode}, ${outcome.name}"
    String message = "proctor: ${outcome.meaning} (${code}; ${counts.join(', ')})"
    return outcome.runUrl ? message + ' ' + outcome.runUrl : message
}

@NonCPS
boolean isUnknownStep(String message) {
    return message != null && message.startsWith('No such DSL method')
}

@NonCPS
String folderOf(String path) {
    int at = path.lastIndexOf('/')
    return at < 0 ? '.' : path.substring(0, at)
}

@NonCPS
String fileOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1)
}
