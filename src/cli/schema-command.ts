import { jsonSchema } from "../codec/wire.ts";

/** Prints the JSON Schema of the wire. */
export async function printSchema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
