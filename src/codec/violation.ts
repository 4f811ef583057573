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
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" ? value.type : null;
}
