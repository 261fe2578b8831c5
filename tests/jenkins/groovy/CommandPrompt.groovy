/**
 * How cmd.exe reads a line of a batch file and a program then takes its command line apart, each written from its
 * documentation: "How does the Windows Command Interpreter (CMD.EXE) parse scripts?", phases 1 and 2, and Microsoft's
 * "Parsing C command-line arguments".
 */
class CommandPrompt {
    /** The words that reach the program which the last line of a script starts. Fails if it would start more than one. */
    static List<String> words(String script, Map<String, String> environment) {
        List<String> lines = script.split('\r\n').toList()
        return argumentsOf(unescaped(expanded(lines.last(), environment)))
    }

    /** The files that a script removes, if that is all it does. */
    static List<String> deleted(String script) {
        List<String> lines = script.split('\r\n').findAll { !it.startsWith('@') }
        return lines.collect { line ->
            def found = expanded(line, [:]) =~ /^if not exist "([^"]+)\\\*" del \/f \/q "([^"]+)"$/
            if (!found || found[0][1] != found[0][2]) {
                throw new AssertionError((Object) "not known: ${line}")
            }
            found[0][2]
        }
    }

    /** Phase 1: percent signs. */
    static String expanded(String line, Map<String, String> environment) {
        StringBuilder out = new StringBuilder()
        int i = 0
        while (i < line.length()) {
            if (line[i] != '%') {
                out << line[i++]
            } else if (line.startsWith('%%', i)) {
                out << '%'
                i += 2
            } else {
                int end = line.indexOf('%', i + 1)
                out << (end < 0 ? '' : environment[line.substring(i + 1, end)] ?: '')
                i = end < 0 ? i + 1 : end + 1
            }
        }
        return out
    }

    /** Phase 2: quotes, carets and operators. */
    static String unescaped(String line) {
        StringBuilder out = new StringBuilder()
        boolean quoted = false
        for (int i = 0; i < line.length(); i++) {
            String c = line[i]
            if (c == '"') {
                quoted = !quoted
                out << c
            } else if (quoted) {
                out << c
            } else if (c == '^') {
                i++
                out << (i < line.length() ? line[i] : '')
            } else if ('&|<>()'.contains(c)) {
                throw new AssertionError((Object) "cmd.exe takes ${c} for an operator, at ${i} of ${line}")
            } else {
                out << c
            }
        }
        return out
    }

    /** What the program makes of it. Its own name has a rule of its own: up to the next quote. */
    static List<String> argumentsOf(String line) {
        int end = line.indexOf('"', 1)
        List<String> words = [line.substring(1, end)]
        StringBuilder word = null
        boolean quoted = false
        int i = end + 1
        while (i < line.length()) {
            int slashes = 0
            while (i < line.length() && line[i] == '\\') {
                slashes++
                i++
            }
            boolean quote = i < line.length() && line[i] == '"'
            if (slashes > 0 || quote) {
                word = word ?: new StringBuilder()
            }
            word?.append('\\' * (quote ? slashes.intdiv(2) : slashes))
            if (quote && slashes % 2 == 1) {
                word << '"'
                i++
            } else if (quote) {
                quoted = !quoted
                i++
            } else if (i < line.length() && (line[i] != ' ' || quoted)) {
                word = word ?: new StringBuilder()
                word << line[i++]
            } else if (i < line.length()) {
                if (word != null) {
                    words.add(word.toString())
                }
                word = null
                i++
            }
        }
        if (word != null) {
            words.add(word.toString())
        }
        return words
    }
}
