import type Type from "typebox";
import { Compile } from "typebox/compile";
import { once } from "./once.ts";

/** As much of JSON Schema as the messages need. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
}

/** The schema of a field's name. */
export const KEY: Schema = { type: "string" };

/** Whether a text is of the schema; the validator is made when it is first asked. */
export function checkOf(schema: unknown): (text: string) => boolean {
  const validator = once(() => Compile(schema as Type.TSchema));
  return (text) => validator().Check(text);
}

/** Code in the making. In it `at` is the place that is read next, and a miss returns. */
export interface Draft {
  readonly lines: string[];
  /** Values that the code uses, as `o[0]`, `o[1]` … */
  readonly outside: unknown[];
  variables: number;
  /** What must come next, and is not in the code yet: text that is constant is compared in one go. */
  constant: string;
}

/** A name for the code of a schema, by which a profile tells it from the others. */
export function nameOf(verb: string, schema: Schema): string {
  return `${verb}_${String(schema.properties?.type?.const ?? "value").replaceAll("-", "_")}`;
}

export function add(draft: Draft, ...lines: readonly string[]): void {
  draft.lines.push(...lines);
}

export function variable(draft: Draft): string {
  draft.variables += 1;
  return `v${draft.variables}`;
}

export function outside(draft: Draft, value: unknown): string {
  return `o${draft.outside.push(value) - 1}`;
}

/** Code for the constant text that is due. */
export function flush(draft: Draft): void {
  const { constant } = draft;
  draft.constant = "";
  if (constant !== "") add(draft, `if (!(${standsHere(constant)})) return;`, `at += ${constant.length};`);
}

/** A condition: the text stands at `at`. */
export function standsHere(text: string): string {
  const terms = [`at + ${text.length} <= length`];
  if (text.length < 4) {
    for (let at = 0; at < text.length; at += 1) terms.push(`bytes[at + ${at}] === ${text.charCodeAt(at)}`);
  } else {
    for (const [at, word] of wordsOf(text)) terms.push(`view.getInt32(at + ${at}) === ${word}`);
  }
  return terms.join(" && ");
}

/** A text of four characters or more, four at a time, each with its place; the last four may overlap those before. */
export function wordsOf(text: string): (readonly [at: number, word: number])[] {
  const last = text.length - 4;
  return Array.from({ length: Math.ceil(text.length / 4) }, (_, place) => {
    const at = Math.min(4 * place, last);
    return [at, wordAt(text, at)];
  });
}

/** Four characters as the number that a view reads of their bytes. */
export function wordAt(text: string, at: number): number {
  const code = (place: number) => text.charCodeAt(at + place);
  return (code(0) << 24) | (code(1) << 16) | (code(2) << 8) | code(3);
}

/** Code that is made when it is first asked for; null where no code may be made from text. */
export function madeLater<Made>(make: () => Made): () => Made | null {
  return once(() => madeOrNull(make));
}

function madeOrNull<Made>(make: () => Made): Made | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}
