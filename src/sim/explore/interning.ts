import { invariant } from "../../core/errors.ts";

/** Values numbered from 0: equal ones, by their text, have one number and are kept once. */
export interface Interned<Value> {
  idOf(value: Value): number;
  at(id: number): Value;
  size(): number;
}

export function createInterned<Value>(textOf: (value: Value) => string): Interned<Value> {
  const ids = new Map<string, number>();
  const values: Value[] = [];
  return {
    idOf(value) {
      const text = textOf(value);
      const known = ids.get(text);
      if (known !== undefined) return known;
      ids.set(text, values.length);
      values.push(value);
      return values.length - 1;
    },
    at(id) {
      const value = values[id];
      invariant(value !== undefined, `nothing has the number ${id}`);
      return value;
    },
    size: () => values.length,
  };
}
