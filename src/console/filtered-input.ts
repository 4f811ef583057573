/** Takes out of what a terminal sends what is no key. What has only begun is held back until the rest of it comes. */
export interface InputReader {
  take(text: string): string;
}

/** The same input without what the readers take out of it. */
export function filteredInput(stdin: NodeJS.ReadStream, readers: readonly InputReader[]): NodeJS.ReadStream {
  const read = (size?: number): unknown => {
    const chunk: unknown = stdin.read(size);
    if (typeof chunk !== "string") return chunk;
    return readers.reduce((text, reader) => reader.take(text), chunk);
  };
  return new Proxy(stdin, {
    get(target, name) {
      if (name === "read") return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
