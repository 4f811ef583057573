/** Makes objects whose fields are not known before. */
export interface Shapes {
  /** An object of the first `count` keys and values; undefined where a key stands twice, or no field may have it. */
  make(keys: readonly string[], values: readonly unknown[], count: number): unknown;
}

type Maker = (values: readonly unknown[]) => unknown;

interface Shape {
  readonly keys: readonly string[];
  readonly make: Maker;
}

const SHAPES_MAX = 32;
/** Code with longer keys in it is not kept. */
const KEY_LENGTH_MAX = 40;

/** The keys of few shapes come again and again: for each of those there is code of its own. */
export function createShapes(): Shapes {
  let shapes: readonly Shape[] = [];
  return {
    make(keys, values, count) {
      for (const shape of shapes) if (hasKeys(shape, keys, count)) return shape.make(values);
      const own = keys.slice(0, count);
      if (new Set(own).size < count || own.includes("__proto__")) return undefined;
      if (shapes.length === SHAPES_MAX || own.some((key) => key.length > KEY_LENGTH_MAX))
        return Object.fromEntries(own.map((key, at) => [key, values[at]]));
      const shape = { keys: own, make: makerOf(own) };
      shapes = [...shapes, shape];
      return shape.make(values);
    },
  };
}

function hasKeys(shape: Shape, keys: readonly string[], count: number): boolean {
  if (shape.keys.length !== count) return false;
  for (let at = 0; at < count; at += 1) if (shape.keys[at] !== keys[at]) return false;
  return true;
}

function makerOf(keys: readonly string[]): Maker {
  const fields = keys.map((key, at) => `${JSON.stringify(key)}:values[${at}]`);
  return new Function("values", `return {${fields.join(",")}}`) as Maker;
}
