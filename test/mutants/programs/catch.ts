import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Catcher } from "../catcher.ts";
import { CAUGHT } from "../caught.ts";
import { applyMutant, type Mutant, ROOT } from "../mutant.ts";
import { MUTANTS } from "../mutants.ts";
import type { Job } from "../running.ts";

// Lets catchers look for mutants. The argument is JSON: a list of jobs, [mutant or null, catchers]; of each list of catchers
// those are run in order until one finds something. Every job gets a program of its own: all modules are loaded anew under
// a name that carries its number, and the one with the bug is read with it. Nothing on disk changes. Prints a line of JSON
// for each catcher that ran.

interface Catchers {
  readonly CATCHERS: readonly Catcher[];
  readonly HEEDING: readonly Catcher[];
}
const rootUrl = pathToFileURL(join(ROOT, "/")).href;
const isOwn = (url: string): boolean => url.startsWith(rootUrl) && !url.includes("/node_modules/");
const sources = new Map<string, string>();

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const tag = context.parentURL?.split("?")[1];
    return tag && isOwn(resolved.url) ? { ...resolved, url: `${resolved.url}?${tag}` } : resolved;
  },
  load(url, context, nextLoad) {
    const source = sources.get(url);
    const loaded = nextLoad(url, context);
    return source === undefined ? loaded : { ...loaded, source };
  },
});

const jobs = JSON.parse(process.argv[2] ?? "[]") as readonly Job[];
for (const [index, [name, catchers]] of jobs.entries()) {
  const tag = `program=${index}`;
  if (name !== null) plant(find(name), tag);
  const { CATCHERS, HEEDING } = (await import(`../catchers.ts?${tag}`)) as Catchers;
  for (const catcher of catchers) {
    const startedMs = performance.now();
    const storyFirst = name === null ? undefined : CAUGHT[name]?.["golden traces"];
    const found = await runIt([...CATCHERS, ...HEEDING], catcher, storyFirst);
    const ms = Math.round(performance.now() - startedMs);
    process.stdout.write(`${JSON.stringify({ mutant: name, catcher, found, ms })}\n`);
    if (found !== null) break;
  }
}

function find(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`no mutant ${name}`);
  return mutant;
}

function plant(mutant: Mutant, tag: string): void {
  sources.set(`${pathToFileURL(join(ROOT, mutant.file)).href}?${tag}`, applyMutant(mutant));
}

/** What a broken program throws is found as well. */
async function runIt(
  catchers: readonly Catcher[],
  name: string,
  storyFirst: string | undefined,
): Promise<string | null> {
  const catcher = catchers.find((each) => each.name === name);
  if (!catcher) throw new Error(`no catcher ${name}`);
  try {
    return await catcher.run(storyFirst);
  } catch (error) {
    return `throws ${error}`;
  }
}
