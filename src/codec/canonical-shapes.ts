import { isPieceAt, pieceOf } from "./canonical-pieces.ts";

/** The fields that an object has had up to here, and what came next in the objects that were met before. */
export interface Fields {
  readonly keys: readonly string[];
  /** The last key as it stands, its quotes and its colon with it. */
  readonly piece: DataView;
  readonly isKept: boolean;
  next: readonly Fields[];
  make: Maker | null;
}

/** Objects whose fields are not known before, read from field to field. */
export interface Shapes {
  /** With the keys that the schema names. */
  readonly first: Fields;
  /** The fields with the one that stands at `from`, where it has come next before. */
  find(fields: Fields, view: DataView, from: number): Fields | undefined;
  /** The same of one that has not, and stands from `from` to `end`; undefined for a key that stands twice, or that no field may have. */
  add(fields: Fields, key: string, bytes: Uint8Array, from: number, end: number): Fields | undefined;
  /** An object with these fields. */
  make(fields: Fields, values: readonly unknown[]): unknown;
}

type Maker = (values: readonly unknown[]) => unknown;

const KEPT_MAX = 128;
/** Code with longer keys in it is not kept. */
const KEY_LENGTH_MAX = 40;

/** The keys of few shapes come again and again: they are known by their bytes, and for each shape there is code of its own. */
export function createShapes(names: readonly string[]): Shapes {
  let kept = 0;
  return {
    first: fieldsOf(names, new DataView(new ArrayBuffer(0)), true),
    find({ next }, view, from) {
      for (const fields of next) if (isPieceAt(fields.piece, view, from)) return fields;
      return undefined;
    },
    add(before, key, bytes, from, end) {
      if (before.keys.includes(key) || key === "__proto__") return undefined;
      const isKept = before.isKept && kept < KEPT_MAX && key.length <= KEY_LENGTH_MAX;
      const fields = fieldsOf([...before.keys, key], pieceOf(bytes, from, end), isKept);
      if (isKept) {
        kept += 1;
        before.next = [...before.next, fields];
      }
      return fields;
    },
    make(fields, values) {
      fields.make ??= fields.isKept ? makerOf(fields.keys) : entriesOf(fields.keys);
      return fields.make(values);
    },
  };
}

function fieldsOf(keys: readonly string[], piece: DataView, isKept: boolean): Fields {
  return { keys, piece, isKept, next: [], make: null };
}

function makerOf(keys: readonly string[]): Maker {
  const fields = keys.map((key, at) => `${JSON.stringify(key)}:values[${at}]`);
  return new Function("values", `return {${fields.join(",")}}`) as Maker;
}

function entriesOf(keys: readonly string[]): Maker {
  return (values) => Object.fromEntries(keys.map((key, at) => [key, values[at]]));
}
