import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

const CORPUS = join(import.meta.dirname, "corpus");
/** What a short run costs; `FUZZ_SECONDS` in the environment makes it a long one, for each property. */
const SHORT_MS = 1_500;
const LONG_MS = Number(process.env.FUZZ_SECONDS ?? 0) * 1_000;
export const FUZZ_TIMEOUT_MS = Math.max(SHORT_MS, LONG_MS) + 20_000;

/** A file of the corpus: inputs of a property. Those named after it reach each of its answers once, others have failed. */
interface Saved {
  readonly property: string;
  readonly inputs: readonly unknown[];
}

/**
 * Replays the saved inputs of a property, then tries new ones until its time is over. The seed is printed first. An input
 * that fails is shrunk, saved under `corpus/` and named in the error; `FUZZ_SEED` repeats a run.
 */
export async function fuzz<Input>(
  property: string,
  arbitrary: fc.Arbitrary<Input>,
  holds: (input: Input) => void | Promise<void>,
): Promise<void> {
  for (const { name, input } of savedInputs(property)) {
    try {
      await holds(input as Input);
    } catch (error) {
      throw new Error(`${property}: the saved input ${name} fails: ${String(error)}`, { cause: error });
    }
  }
  const seed = Number(process.env.FUZZ_SEED ?? process.hrtime()[1] & 0x7fffffff);
  process.stdout.write(`fuzz ${property}: FUZZ_SEED=${seed}\n`);
  const details = await fc.check(
    fc.asyncProperty(arbitrary, async (input) => void (await holds(input))),
    {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: Math.max(SHORT_MS, LONG_MS),
      markInterruptAsFailure: false,
    },
  );
  if (!details.failed) return;
  const [input] = details.counterexample ?? [];
  const path = save({ property, inputs: [input] }, seed);
  const error = details.errorInstance;
  throw new Error(`${property}, FUZZ_SEED=${seed}, saved as ${path}: ${String(error)}`, { cause: error });
}

function savedInputs(property: string): { readonly name: string; readonly input: unknown }[] {
  const names = readdirSync(CORPUS).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => {
    const saved = JSON.parse(readFileSync(join(CORPUS, name), "utf8")) as Saved;
    if (saved.property !== property) return [];
    return saved.inputs.map((input, index) => ({ name: `${index + 1} of ${name}`, input }));
  });
}

function save(saved: Saved, seed: number): string {
  mkdirSync(CORPUS, { recursive: true });
  const path = join(CORPUS, `${saved.property.replace(/[^a-z]+/g, "-")}-${seed}.json`);
  writeFileSync(path, `${JSON.stringify(saved, null, 2)}\n`);
  return path;
}

/** Deeper than a recursion may go. */
const NESTED = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

/** One change of a text: what stands at `at` (a share of its length) for `count` characters is replaced. */
const edit = fc.record({
  /** `value`: the nearest whole value of the text in place of some characters, so that its form stays. */
  unit: fc.constantFrom("characters", "value"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  count: fc.nat({ max: 12 }),
  by: fc.oneof(
    fc.constantFrom("", "[", "]", "{", "}", '"', ",", ":", "\\", "\\ud800", "\u0000", "\u001b[2J", "\u009b"),
    fc.constantFrom("null", "true", "-1", "1e999", "0x1", "9007199254740993", "1".repeat(60), "__proto__"),
    fc.constantFrom("\n", "\r\n", ";", "\ufeff", "\u2028", "\u202e", "[".repeat(5_000), NESTED),
    fc.string({ unit: "binary", maxLength: 6 }),
  ),
});

/** A valid text and some changes of it; `edited` makes the text. Plain values, so that they can be saved. */
export function mutations(valid: readonly string[]) {
  return fc.record({
    base: fc.nat({ max: valid.length - 1 }),
    edits: fc.array(edit, { maxLength: 4 }),
  });
}

export function edited(valid: readonly string[], { base, edits }: Mutation): string {
  let text = valid[base] ?? "";
  for (const { unit, at, count, by } of edits) {
    let from = Math.floor(at * text.length);
    let to = from + count;
    const value = unit === "value" ? VALUE.exec(text.slice(from)) : null;
    if (value !== null) {
      from += value.index;
      to = from + value[0].length;
    }
    text = text.slice(0, from) + by + text.slice(to);
  }
  return text;
}

const VALUE = /"[^"]*"|-?\d+|[^\s,:[\]{}"]+/;

interface Mutation {
  readonly base: number;
  readonly edits: readonly {
    readonly unit: string;
    readonly at: number;
    readonly count: number;
    readonly by: string;
  }[];
}

/** Changes of bytes: where (a share of the length), and what is done there. */
export const byteEdits = fc.array(
  fc.record({
    file: fc.nat({ max: 20 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    change: fc.constantFrom("flip", "zero", "cut", "insert", "repeat"),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 4 },
);
export type ByteEdit = { file: number; at: number; change: string; value: number };

export function editedBytes(bytes: Uint8Array, { at, change, value }: ByteEdit): Uint8Array {
  const from = Math.min(Math.floor(at * bytes.length), Math.max(bytes.length - 1, 0));
  const [before, after] = [bytes.slice(0, from), bytes.slice(from)];
  switch (change) {
    case "flip":
      return Uint8Array.from([...before, (after[0] ?? 0) ^ value, ...after.slice(1)]);
    case "zero":
      return Uint8Array.from([...before, ...after.map((byte, index) => (index < value ? 0 : byte))]);
    case "cut":
      return before;
    case "insert":
      return Uint8Array.from([...before, value, ...after]);
    default:
      return Uint8Array.from([...before, ...after.slice(0, value), ...after]);
  }
}
