import fc from "fast-check";
import type { Schema } from "../../src/codec/canonical-code.ts";

/** Plain ASCII that JSON does not escape. */
const plain = fc.stringMatching(/^[ !#-[\]-~]*$/);
/** Any number that JSON can say; it has no `-0`. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0);
const key = fc.stringMatching(/^[a-z]{1,12}$/);

/** Values of a schema, their fields in its order, their texts in plain ASCII. */
export function valuesOf(schema: unknown): fc.Arbitrary<unknown> {
  const known = schema as Schema;
  if (known.const !== undefined) return fc.constant(known.const);
  if (known.enum !== undefined) return fc.constantFrom(...known.enum);
  if (known.anyOf !== undefined) return fc.oneof(...known.anyOf.map(valuesOf));
  switch (known.type) {
    case "string":
      return known.pattern === undefined
        ? plain.filter(({ length }) => length >= (known.minLength ?? 0) && length <= (known.maxLength ?? 99))
        : fc.stringMatching(new RegExp(known.pattern)).filter((text) => !/["\\]/.test(text));
    case "integer":
      return fc
        .maxSafeNat()
        .map((value) => Math.min(Math.max(value, known.minimum ?? 0), known.maximum ?? value));
    case "number":
      return known.minimum === undefined ? number : number.map(Math.abs);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valuesOf(known.items), {
        minLength: known.minItems ?? 0,
        maxLength: Math.min(known.maxItems ?? 4, 4),
      });
    default:
      return objectOf(known);
  }
}

function objectOf(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, patternProperties = {} } = schema;
  const fields = Object.entries(properties).map(([name, each]): fc.Arbitrary<[string, unknown][]> => {
    const there = valuesOf(each).map((value): [string, unknown][] => [[name, value]]);
    return required.includes(name) ? there : fc.oneof(there, fc.constant<[string, unknown][]>([]));
  });
  const [pattern] = Object.values(patternProperties);
  const others = pattern ?? additionalProperties;
  const more = others ? fc.dictionary(key, valuesOf(others), { maxKeys: 5 }) : fc.constant({});
  return fc
    .tuple(fc.tuple(...fields), more)
    .map(([known, free]) =>
      Object.fromEntries([
        ...known.flat(),
        ...Object.entries(free).filter(([name]) => !(name in properties)),
      ]),
    );
}
