import org.codehaus.groovy.ast.ClassCodeVisitorSupport
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClassExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.GStringExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.MethodPointerExpression
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.Phases
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.ImportCustomizer

/** What a script calls, by the method that it calls it in. */
class Calls extends ClassCodeVisitorSupport {
    SourceUnit source
    /** Names of methods, and whether Jenkins runs them as plain Groovy. */
    final Map<String, Boolean> plain = [:]
    /** Calls without a receiver, calls with one, and what makes objects or names classes, each by method. */
    final Map<String, Set<String>> own = [:].withDefault { new TreeSet() }
    final Map<String, Set<String>> others = [:].withDefault { new TreeSet() }
    final Map<String, Set<String>> classes = [:].withDefault { new TreeSet() }
    private String method = ''

    static Calls of(File file) {
        CompilerConfiguration configuration = new CompilerConfiguration()
        configuration.addCompilationCustomizers(new ImportCustomizer().addImports('com.cloudbees.groovy.cps.NonCPS'))
        CompilationUnit unit = new CompilationUnit(configuration, null, new GroovyClassLoader(Calls.classLoader))
        Calls calls = new Calls(source: unit.addSource(file))
        Closure visit = { SourceUnit source, context, ClassNode node -> calls.visitClass(node) }
        unit.addPhaseOperation(visit as CompilationUnit.PrimaryClassNodeOperation, Phases.SEMANTIC_ANALYSIS)
        unit.compile(Phases.SEMANTIC_ANALYSIS)
        return calls
    }

    @Override
    void visitMethod(MethodNode node) {
        // These two Groovy makes by itself.
        if (node.name in ['main', 'run']) {
            return
        }
        method = node.name
        plain[method] = node.annotations.any { it.classNode.nameWithoutPackage == 'NonCPS' }
        super.visitMethod(node)
    }

    @Override
    void visitMethodCallExpression(MethodCallExpression call) {
        String name = call.method instanceof ConstantExpression ? call.methodAsString : '(computed)'
        (call.implicitThis ? own : others)[method].add(name)
        super.visitMethodCallExpression(call)
    }

    @Override
    void visitStaticMethodCallExpression(StaticMethodCallExpression call) {
        own[method].add(call.method)
        super.visitStaticMethodCallExpression(call)
    }

    @Override
    void visitConstructorCallExpression(ConstructorCallExpression call) {
        classes[method].add('new ' + call.type.name)
        super.visitConstructorCallExpression(call)
    }

    /** Interpolated text behind interpolated text: of `GString.plus` only the one for plain text is on the list. */
    @Override
    void visitBinaryExpression(BinaryExpression sum) {
        if (sum.operation.text == '+' && sum.rightExpression instanceof GStringExpression) {
            def first = sum.leftExpression
            while (first instanceof BinaryExpression) {
                first = first.leftExpression
            }
            if (first instanceof GStringExpression) {
                others[method].add('GString.plus(GString)')
            }
        }
        super.visitBinaryExpression(sum)
    }

    @Override
    void visitMethodPointerExpression(MethodPointerExpression pointer) {
        others[method].add('(pointer)')
        super.visitMethodPointerExpression(pointer)
    }

    @Override
    void visitClassExpression(ClassExpression named) {
        classes[method].add(named.type.name)
        super.visitClassExpression(named)
    }

    @Override
    protected SourceUnit getSourceUnit() {
        return source
    }
}
