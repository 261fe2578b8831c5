// Runs a component that jco has made JavaScript of, with what is given to it and nothing else:
// node run.mjs PROGRAM SETTINGS, where SETTINGS is JSON: { arguments, variables, folder }
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { filesystem } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

// The C library of WASI asks for `mutate-directory` with every file that it writes. Other hosts pass over it; this one refuses
// the file.
const { prototype } = filesystem.types.Descriptor;
const { openAt } = prototype;
prototype.openAt = function (pathFlags, path, openFlags, flags) {
  return openAt.call(this, pathFlags, path, openFlags, { ...flags, mutateDirectory: false });
};

const [program, settings] = process.argv.slice(2);
const { arguments: given, variables, folder } = JSON.parse(settings);
const { instantiate } = await import(pathToFileURL(program));
const shim = new WASIShim({
  sandbox: {
    args: ["proctor-cli.wasm", ...given],
    env: variables,
    preopens: folder === null ? {} : { ".": folder },
  },
});
const core = async (name) => WebAssembly.compile(await readFile(join(dirname(program), name)));
const component = await instantiate(core, shim.getImportObject());
try {
  component.run.run();
} catch (error) {
  // `wasi:cli/run` ends with an error that holds nothing.
  if (error?.constructor?.name !== "ComponentError") throw error;
  process.exitCode = 1;
}
