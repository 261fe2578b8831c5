//! Jenkinsfiles and parts of them: parsed by Groovy; what they give to `proctor` and to shells is looked at.

use std::path::{Path, PathBuf};

use proctor_test_support::{consumers, root};

use crate::block::{Block, Kind, expect_none, of_kind};
use crate::{command, interface};

/// Parses each file named, up to where names are looked up, as the steps are Jenkins' own. Prints what is wrong, and what
/// each call of our step is given.
const PARSER: &str = "
import org.codehaus.groovy.ast.*
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.control.*

class Calls extends CodeVisitorSupport {
  String path
  void visitMethodCallExpression(MethodCallExpression call) {
    if (call.methodAsString == 'proctor' && call.arguments instanceof TupleExpression) {
      call.arguments.expressions.findAll { it instanceof MapExpression }.each { given ->
        given.mapEntryExpressions.each { entry ->
          println \"${path}\\targument\\t${entry.keyExpression.text}\"
          if (entry.keyExpression.text == 'reports') { reports(entry.valueExpression) }
        }
      }
    }
    super.visitMethodCallExpression(call)
  }
  void reports(Expression value) {
    def texts = value instanceof MapExpression ? value.mapEntryExpressions*.keyExpression
        : value instanceof ListExpression ? value.expressions : [value]
    texts.each { println \"${path}\\treport\\t${it.text}\" }
  }
}

args.each { path ->
  def unit = new CompilationUnit()
  unit.addSource(new File(path))
  try {
    unit.compile(Phases.CONVERSION)
    def calls = new Calls(path: path)
    unit.AST.modules.each { it.statementBlock.visit(calls) }
  } catch (CompilationFailedException failed) {
    println \"${path}\\twrong\\t${failed.message.readLines().join(' ')}\"
  }
}
println 'read'
";

#[test]
fn jenkinsfiles_are_groovy_and_use_the_step_as_it_is() {
    let blocks = of_kind(Kind::Jenkins);
    let Some(told) = parsed(&blocks) else { return };
    assert!(told.ends_with("read"), "{told}");
    let mut wrong = Vec::new();
    for line in told.lines().filter(|line| *line != "read") {
        let [path, what, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line:?}");
        };
        let error = match what {
            "argument" => interface::step_argument(text).err(),
            "report" => interface::kinds_exist(std::iter::once(text)).err(),
            _ => Some(text.to_owned()),
        };
        let mut all = blocks.iter();
        let place = all.find(|block| path.ends_with(&block.file_name("groovy")));
        wrong.extend(
            error.map(|error| format!("{}: {error}", place.expect("it was given").place())),
        );
    }
    expect_none(&wrong);
}

#[test]
fn jenkinsfiles_run_with_the_step() {
    let Some(mut groovy) = consumers::groovy() else {
        return;
    };
    let top = std::fs::canonicalize(root()).expect("the source tree");
    let stubs = top.join("tests/jenkins/groovy");
    let folder = tempfile::tempdir().expect("a folder");
    let (files, scratch) = (folder.path().join("files"), folder.path().join("scratch"));
    let blocks = of_kind(Kind::Jenkins);
    std::fs::create_dir(&files).expect("the folder is free");
    for block in &blocks {
        write(&files, block);
    }
    let told = groovy
        // The launcher takes the class path from the first argument alone.
        .args(["-cp".as_ref(), stubs.as_path()])
        .arg("-Dfile.encoding=UTF-8")
        .arg(stubs.join("run.groovy"))
        .arg("jenkinsfiles")
        .env("LIBRARY", &top)
        .env("CASES", top.join("tests/docs"))
        .env("SCRATCH", &scratch)
        .env("JENKINSFILES", &files)
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&told.stdout);
    let errors = String::from_utf8_lossy(&told.stderr);
    for block in &blocks {
        let ok = format!("ok: {}", block.file_name("groovy"));
        let is_ok = said.lines().any(|line| line == ok);
        assert!(is_ok, "{}:\n{said}\n{errors}", block.place());
    }
}

#[test]
fn groovy_finds_what_is_wrong() {
    let mut block = Block::new("x.md", 1, "groovy".to_owned());
    block.text = "pipeline { stages { }\n".to_owned();
    if let Some(told) = parsed(&[block]) {
        assert!(told.contains("x-md-1.groovy\twrong\t"), "{told}");
    }
}

#[test]
fn commands_in_jenkinsfiles_are_right() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Jenkins) {
        for script in shell_scripts(&block.text) {
            for line in command::commands(&script) {
                if let Err(error) = command::check(&line) {
                    wrong.push(format!("{}: {line:?}: {error}", block.place()));
                }
            }
        }
    }
    expect_none(&wrong);
}

/// Writes an example into a folder, under the name that it is told by.
fn write(folder: &Path, block: &Block) -> PathBuf {
    let path = folder.join(block.file_name("groovy"));
    std::fs::write(&path, &block.text).expect("the folder can be written to");
    path
}

/// What Groovy says of these examples; nothing if it is not there.
fn parsed(blocks: &[Block]) -> Option<String> {
    let mut groovy = consumers::groovy()?;
    let folder = tempfile::tempdir().expect("a folder");
    let parser = folder.path().join("parser.groovy");
    std::fs::write(&parser, PARSER).expect("the folder can be written to");
    groovy.arg(parser);
    for block in blocks {
        groovy.arg(write(folder.path(), block));
    }
    let told = groovy.output().expect("it starts");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    Some(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

/// What is given to `sh`, in single quotes or three of them.
fn shell_scripts(text: &str) -> Vec<String> {
    let mut scripts = Vec::new();
    for start in ["sh '", "sh(script: '", "script: '"] {
        for (at, _) in text.match_indices(start) {
            let quoted = &text[at + start.len() - 1..];
            let quote = if quoted.starts_with("'''") {
                "'''"
            } else {
                "'"
            };
            let inside = &quoted[quote.len()..];
            let end = inside.find(quote).expect("Groovy has read it");
            scripts.push(inside[..end].to_owned());
        }
    }
    scripts
}
