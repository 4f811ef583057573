import { LEVELS, type Level } from "./level.ts";

/** What a row has that a filter may ask for; what a row does not have is null or empty. */
export interface Facts {
  /** Everything that can be read of it. */
  text(): string;
  readonly nodes: readonly string[];
  /** The ids that name its transaction: short, with the coordinator's name, whole, and the request's. */
  readonly transaction: readonly string[];
  readonly state: string | null;
  readonly level: Level | null;
}

interface Term {
  readonly field: "word" | "node" | "tx" | "state" | "level";
  /** Lower case. */
  readonly value: string;
  readonly negated: boolean;
}

/** A filter as it is typed: terms that must all hold. */
export interface Filter {
  readonly terms: readonly Term[];
  /** What is wrong with it; the term is left out. */
  readonly problem: string | null;
}

export const FILTER_SYNTAX: readonly (readonly [form: string, meaning: string])[] = [
  ["word", "rows that hold it, in any case; several words must all be there"],
  ['"two words"', "rows that hold them as they stand"],
  ["-word", "rows that do not hold it; works before every other form, too"],
  ["node:NAME", "of this node, or sent to it; the beginning of its name is enough"],
  ["tx:ID", "of this transaction: `4.17`, its whole id, or its request's id"],
  [
    "state:WORD",
    "in this state: committed, aborted, in-doubt …; for nodes up, down …; in the log the transaction's",
  ],
  [
    "level:WORD",
    "lines of the log at least so grave: detail, info, warn, error; `-level:info` those graver than that",
  ],
];

let last: { readonly text: string; readonly filter: Filter } = {
  text: "",
  filter: { terms: [], problem: null },
};

/** Reads what was typed. A frame asks several times for the same. */
export function parseFilter(text: string): Filter {
  if (last.text !== text) last = { text, filter: parse(text) };
  return last.filter;
}

function parse(text: string): Filter {
  const terms: Term[] = [];
  let problem: string | null = null;
  for (const [whole, dash = "", name = "", quoted, bare = ""] of text.matchAll(
    /(-?)(?:(node|tx|state|level):)?(?:"([^"]*)"?|(\S+))/gi,
  )) {
    const value = (quoted ?? bare).toLowerCase();
    const field = name === "" ? "word" : (name.toLowerCase() as Term["field"]);
    if (value === "") continue;
    if (field === "level" && !LEVELS.some((level) => level.startsWith(value))) {
      problem = `${whole}: there is no such level; there are ${LEVELS.join(", ")}`;
      continue;
    }
    terms.push({ field, value, negated: dash !== "" });
  }
  return { terms, problem };
}

/** Whether a row is left. */
export function passes({ terms }: Filter, facts: Facts): boolean {
  return terms.every((term) => {
    if (term.field === "level") return isGraver(term, facts);
    return holds(term.field, term.value, facts) !== term.negated;
  });
}

/** Graver than what is negated, for nobody means to hide everything by hiding details. */
function isGraver({ value, negated }: Term, { level }: Facts): boolean {
  if (level === null) return negated;
  const asked = LEVELS.findIndex((each) => each.startsWith(value));
  return LEVELS.indexOf(level) >= (negated ? asked + 1 : asked);
}

function holds(field: Exclude<Term["field"], "level">, value: string, facts: Facts): boolean {
  switch (field) {
    case "word":
      return facts.text().toLowerCase().includes(value);
    case "node":
      return facts.nodes.some((name) => name.startsWith(value));
    case "tx":
      return facts.transaction.some((id) => id.toLowerCase() === value);
    case "state":
      return facts.state?.startsWith(value) ?? false;
  }
}

/** The words to mark on the screen. */
export function markedWords({ terms }: Filter): readonly string[] {
  return terms.flatMap(({ field, value, negated }) => (field === "word" && !negated ? [value] : []));
}
