// Windows agents: what reaches the program through a batch file, and what cannot.
import static Cases.same
import static Cases.says

Map environment = [PATH: 'C:\\hacked', a: 'hacked', ' & touch hacked & ': 'hacked']

/** The script that starts the program. */
String script(Jenkins jenkins) {
    return jenkins.agent.commands.find { it.script.contains('--ci') }.script
}

List hostile = [
    'plain', 'two words', '', '"', '""', '"quoted"', 'a"b"c', '\\', 'a\\', 'a\\\\', '\\"', '\\\\"', 'C:\\dir with space\\',
    '%PATH%', '%a%', '%', '%%', '% & touch hacked & %', '100% of %a', '^', '^^', '^"', '!PATH!', 'a & touch hacked',
    '" & touch hacked & "', '"&touch hacked', 'a|b', '<in >out', '(a)', ')', '@echo', '*?', "it's", '$(x) `x` $x', '-', '--',
    'ä € 😀', '\t', '~', '=', ';', ',', '^&^&', '"^%PATH%^"', '\\\\server\\share\\"x"\\',
]
cases.check('arguments reach the program as they are, through cmd.exe and the program\'s own rules') { Jenkins jenkins ->
    jenkins.agent.unix = false
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.proctor([executable: 'C:\\Program Files (x86)\\100%a%\\proctor.exe', args: hostile.findAll(), reports: [],
                     set: hostile.withIndex().collectEntries { text, i -> ["p${i}".toString(), text] }])
    List words = CommandPrompt.words(script(jenkins), environment)
    same(words[0], 'C:\\Program Files (x86)\\100%a%\\proctor.exe')
    same(words.subList(1, 4), ['run', '--ci', 'jenkins'])
    List expected = hostile.withIndex().collect { text, i -> "--set=p${i}=${text}".toString() } + hostile.findAll()
    same(words.subList(5, words.size()), expected)
}

cases.check('a Windows agent runs, publishes and decides as any other') { Jenkins jenkins ->
    jenkins.agent.unix = false
    jenkins.credentials = [one: 'secret-1']
    Scripted.ends(jenkins, 1)
    jenkins.proctor([provider: 'keploy', app: 'a', credentialsId: 'one', reports: ['junit=out/100%/j.xml', 'json']])
    same(jenkins.result, 'UNSTABLE')
    same(jenkins.published.junit*.path, ['out/100%/j.xml'])
    same(jenkins.agent.commands[1].bound, [KEPLOY_API_KEY: 'secret-1'])
    List lines = script(jenkins).split('\r\n')
    same(lines[0], '@echo off')
    assert lines[1].startsWith('"proctor" ^"run^"')
    same(lines.size(), 2)
}

cases.check('reports of an earlier build are removed first on Windows, too') { Jenkins jenkins ->
    jenkins.agent.unix = false
    jenkins.agent.codes = ['where proctor': 1]
    for (name in ['100%/ü j.xml', 'results.json', 'kept.json']) {
        File file = new File(jenkins.agent.workspace, name)
        file.parentFile.mkdirs()
        file.text = Scripted.JUNIT
    }
    jenkins.proctor([reports: ['junit=100%/ü j.xml', 'json', 'html']])
    says(jenkins, 'put proctor.exe on the PATH')
    same(jenkins.agent.commands[0].script.split('\r\n').toList(), [
        '@chcp 65001 >nul', '@echo off', 'if not exist "100%%\\ü j.xml\\*" del /f /q "100%%\\ü j.xml"',
        'if not exist "results.json\\*" del /f /q "results.json"',
    ])
    same(jenkins.matching('**'), ['kept.json'])
}

cases.check('text beyond ASCII switches cmd.exe to UTF-8 first') { Jenkins jenkins ->
    jenkins.agent.unix = false
    Scripted.ends(jenkins, 0, [verdict: 'passed'])
    jenkins.proctor([executable: 'p.exe', name: 'plain', targets: ['käse'], reports: []])
    same(script(jenkins).split('\r\n')[0..1], ['@chcp 65001 >nul', '@echo off'])
}

Map refusals = [
    'a batch file as program'   : [[executable: 'C:\\tools\\proctor.CMD'], 'executable must be a program such as'],
    'a quote in the program'    : [[executable: 'C:\\to"ols\\proctor.exe'], 'executable must be a program such as'],
    'an argument of two lines'  : [[executable: 'p.exe', app: 'a\nb'], 'arguments of several lines cannot be passed'],
    'a carriage return'         : [[executable: 'p.exe', app: 'a\rb'], 'arguments of several lines cannot be passed'],
    'a version, as it cannot be installed': [[version: '1.2.3'], 'nothing is installed on Windows agents'],
]
for (known in refusals) {
    cases.check("refused on Windows: ${known.key}") { Jenkins jenkins ->
        jenkins.agent.unix = false
        Scripted.ends(jenkins, 0, [verdict: 'passed'])
        jenkins.proctor(known.value[0])
        same(jenkins.result, 'FAILURE')
        says(jenkins, known.value[1])
        same(jenkins.agent.commands, [])
    }
}

cases.check('refused on Windows: no program anywhere') { Jenkins jenkins ->
    jenkins.agent.unix = false
    jenkins.agent.codes = ['where proctor': 1]
    jenkins.proctor([:])
    same(jenkins.result, 'FAILURE')
    says(jenkins, 'put proctor.exe on the PATH, or name it with executable:')
}
