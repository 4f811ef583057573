import { printable } from "./printable.ts";

/** A compiled schema, as far as it tells what is wrong. */
export interface Checker {
  Check(value: unknown): boolean;
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
}

/** One printable line that names what was read and the first place in it that does not fit. */
export function violation(name: string, checker: Checker, value: unknown): string {
  const first = checker.Errors(value)[0];
  if (first === undefined) return `${name}: invalid`;
  const path = first.instancePath === "" ? "/" : first.instancePath;
  return printable(`${name} at ${path.slice(0, 120)}: ${first.message.slice(0, 240)}`);
}

/** The `type` of an object that has one. */
export function typeOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  // Not asked for by `in`, which takes longer than all the rest.
  const { type } = value as { readonly type?: unknown };
  return typeof type === "string" ? type : null;
}
