import { MISS, type PutValue } from "./canonical-puts.ts";

/** What code for one shape returns of an object that has other fields, or has them in another order. */
export const OTHER_SHAPE = -2;

/** To ask more of them takes as long as to put the fields one by one. */
const SHAPES_MAX = 8;
/** What a shape puts without a look at the limit: its keys, and values that are constants. It stays within the slack that a writer has. */
const UNCHECKED_BYTES_MAX = 256;
/** The longest of them. */
const CONSTANT = false;

/**
 * Puts objects whose fields are not all known before. The keys of few shapes come again and again: for each of the first there is code
 * of its own, in which they are constant text, and no value is looked up by a name that changes.
 */
export function createPutShapes(putAny: PutValue, compile: (keys: readonly string[]) => PutValue): PutValue {
  let shapes: readonly PutValue[] = [];
  return (value, bytes, view, limit, at) => {
    for (const put of shapes) {
      const end = put(value, bytes, view, limit, at);
      if (end !== OTHER_SHAPE) return end;
    }
    const end = putAny(value, bytes, view, limit, at);
    if (end === MISS || shapes.length === SHAPES_MAX) return end;
    const keys = Object.keys(value as object);
    const unchecked = JSON.stringify(Object.fromEntries(keys.map((key) => [key, CONSTANT])));
    if (unchecked.length <= UNCHECKED_BYTES_MAX) shapes = [...shapes, compile(keys)];
    return end;
  };
}
