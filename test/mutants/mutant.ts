import { readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** What must hold, in a word or two; `invariants.ts` says it in full. */
export type Invariant =
  | "agreement"
  | "commit point"
  | "progress"
  | "outcomes stand"
  | "told commits survive"
  | "yes is durable"
  | "presumption"
  | "conservation"
  | "exact recovery"
  | "idempotence"
  | "all ends"
  | "forgetting"
  | "silence"
  | "bad input"
  | "one writer"
  | "conformance";

/** A seeded bug: one rule of the code taken out. */
export interface Mutant {
  /** What the program does wrong. */
  readonly name: string;
  /** The rule that is taken out: a paragraph of the protocol's rules or of the log's, in words. */
  readonly rule: string;
  readonly endangers: readonly Invariant[];
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The catcher that must find it, the cheapest that does. */
  readonly caughtBy: string;
}

/** The file's text with the bug in it. Throws where the text to find has gone or is not the only one. */
export function applyMutant({ name, file, find, replace }: Mutant): string {
  const text = readFileSync(join(ROOT, file), "utf8");
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(`${name}: ${file} holds ${parts.length - 1} times ${JSON.stringify(find)}`);
  return parts.join(replace);
}
