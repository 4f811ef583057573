/** What a record holds under a name; a node may well be called `constructor`, and what every object inherits is not meant. */
export function lookUp<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
