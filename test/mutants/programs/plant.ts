import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { applyMutant, ROOT } from "../mutant.ts";
import { MUTANTS } from "../mutants.ts";

// Loaded before a real node: the built program with the bug that MUTANT names. Nothing on disk changes.

const mutant = MUTANTS.find(({ name }) => name === process.env.MUTANT);
if (!mutant) throw new Error(`no mutant ${process.env.MUTANT}`);
const built = mutant.file.replace(/^src\//, "dist/").replace(/\.tsx?$/, ".js");
const target = pathToFileURL(join(ROOT, built)).href;
const source = stripTypeScriptTypes(applyMutant(mutant)).replace(/(from "\.[^"]*)\.tsx?"/g, '$1.js"');

registerHooks({
  load: (url, context, nextLoad) =>
    url === target ? { format: "module", source, shortCircuit: true } : nextLoad(url, context),
});
