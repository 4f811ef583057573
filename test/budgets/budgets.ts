/** A part of the suite: what it is about, and how many seconds of test time it may take with `npm test`. */
export interface Budget {
  readonly seconds: number;
  readonly about: string;
}

/**
 * The parts of `npm test`, by folder. Two files run at once on two cores, so that the whole takes a little more than half of
 * the sum: less than five minutes. A budget never fails a run, for a busy machine says nothing about the code; every run ends by
 * saying what each part took of its own.
 */
export const BUDGETS: Readonly<Record<string, Budget>> = {
  bench: { seconds: 2, about: "the benchmark measures what it says" },
  budgets: { seconds: 1, about: "this table" },
  cli: { seconds: 2, about: "command lines and files, read and refused" },
  client: { seconds: 3, about: "the SDK against real nodes" },
  cluster: { seconds: 6, about: "starting, supervising and killing processes" },
  codec: { seconds: 4, about: "bytes and text to values, and damage to both" },
  conform: { seconds: 4, about: "recorded runs against the rules of the protocol" },
  console: { seconds: 20, about: "screens, keys and dialogs" },
  core: { seconds: 5, about: "the protocol, step by step" },
  "crash-matrix": { seconds: 32, about: "real processes killed at one named point of each kind" },
  "disk-faults": { seconds: 45, about: "real processes whose calls on files fail" },
  docs: { seconds: 2, about: "the README is what the code says" },
  drivers: { seconds: 10, about: "directories, locks, clocks and the wire" },
  e2e: { seconds: 215, about: "the program as a user starts it; partitions, pauses" },
  fuzz: { seconds: 15, about: "the saved corpus, and a little more" },
  golden: { seconds: 2, about: "stories in text, one rule each" },
  headless: { seconds: 2, about: "scenarios and their reports" },
  hostile: { seconds: 38, about: "every row of hostile input against running nodes" },
  log: { seconds: 18, about: "the log cut at every byte, every bit flipped, every call failed" },
  mutants: { seconds: 50, about: "the program with a rule taken out is caught" },
  observe: { seconds: 5, about: "what a watcher sees" },
  resources: { seconds: 2, about: "stock and ledger" },
  runtime: { seconds: 2, about: "the node loop" },
  screens: { seconds: 2, about: "pictures of the running program" },
  sim: { seconds: 105, about: "every state of the models; 2 000 simulated clusters" },
  tidy: { seconds: 2, about: "house rules" },
};

/** The part that a test file belongs to: its folder below `test`, or its name where it has none. */
export function partOf(path: string): string {
  const [, below = ""] = path.replaceAll("\\", "/").split("/test/");
  return (below.split("/")[0] ?? "").replace(/\.test\.tsx?$/, "");
}

/** One line a part: what it took of its budget. */
export function budgetLines(tookMs: ReadonlyMap<string, number>): readonly string[] {
  return [...tookMs]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([part, milliseconds]) => {
      const seconds = (milliseconds / 1_000).toFixed(1).padStart(7);
      const budget = BUDGETS[part]?.seconds;
      if (budget === undefined) return `${part.padEnd(13)}${seconds} s, and no budget`;
      const over = milliseconds > budget * 1_000 ? "  over" : "";
      return `${part.padEnd(13)}${seconds} s of ${String(budget).padStart(4)} s${over}`;
    });
}
