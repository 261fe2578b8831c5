// Writes workflow commands with GitHub's own package: for each on standard input, a list of objects with `name`,
// `properties` and `data`, one line.
import { pathToFileURL } from "node:url";
import path from "node:path";

const core = path.join(process.env.NODE_PATH, "@actions/core/lib/core.js");
const { error, warning, notice } = await import(pathToFileURL(core));
const functions = { error, warning, notice };

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
for (const { name, properties, data } of JSON.parse(Buffer.concat(pieces).toString("utf8"))) {
  const { title, file, line } = properties;
  functions[name](data, { title, file, startLine: line });
}
