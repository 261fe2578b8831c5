// Runs the files of cases that are named, and tells each case in a line.
for (name in args) {
    File file = new File(new File(System.getenv('CASES')), "${name}.groovy")
    Binding binding = new Binding([cases: new Cases()])
    new GroovyShell(Cases.classLoader, binding).evaluate(file)
    println "end: ${name}"
}
// Whatever a program that is still running holds open.
System.exit(0)
