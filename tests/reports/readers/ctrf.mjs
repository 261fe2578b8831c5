// Reads a report in the Common Test Report Format with the reference implementation, which refuses what breaks the
// specification, and writes what it finds as JSON: its own count of the tests, and those that it takes for flaky.
import path from "node:path";
import { pathToFileURL } from "node:url";

const own = path.join(process.env.NODE_PATH, "ctrf/dist/index.js");
const { calculateSummary, isTestFlaky, merge, parse, validateStrict } = await import(pathToFileURL(own));

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const report = parse(Buffer.concat(pieces).toString("utf8"));
validateStrict(report);
validateStrict(merge([report, report]));
const { tests, summary } = report.results;
const flaky = tests.filter((test) => isTestFlaky(test)).map((test) => test.name);
process.stdout.write(JSON.stringify({ counted: calculateSummary(tests), stated: summary, flaky }));
