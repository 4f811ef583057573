/** Up to so many bytes a text is read in one go. */
const WHOLE_BYTES = 32 * 1024 * 1024;
/** How deep objects are taken apart; what lies deeper is small. */
const DEPTH = 3;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const LIST = 0x5b;
const OBJECT = 0x7b;

/**
 * The value of a text that `jsonPieces` gave, as UTF-8. A long one is parsed a part at a time, for a string has a longest length
 * and lists have none. Throws a SyntaxError where it is no JSON.
 */
export function readJson(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => string,
  wholeBytes = WHOLE_BYTES,
): unknown {
  const parse = (from: number, to: number): unknown => JSON.parse(decode(bytes.subarray(from, to)));

  const read = (from: number, to: number, depth: number): unknown => {
    if (to - from <= wholeBytes) return parse(from, to);
    if (bytes[from] === LIST) return readList(from, to);
    if (bytes[from] === OBJECT && depth < DEPTH) return readObject(from, to, depth);
    return parse(from, to);
  };

  const readList = (from: number, to: number): unknown[] => {
    const list: unknown[] = [];
    let begin = from + 1;
    for (const end of elementEnds(bytes, from, to)) {
      if (end - begin < wholeBytes && end !== to - 1) continue;
      if (begin === end && end !== from + 1) throw new SyntaxError(`nothing before byte ${end}`);
      for (const element of parseElements(begin, end)) list.push(element);
      begin = end + 1;
    }
    return list;
  };

  const parseElements = (from: number, to: number): unknown[] =>
    JSON.parse(`[${decode(bytes.subarray(from, to))}]`);

  const readObject = (from: number, to: number, depth: number): object => {
    const fields: [string, unknown][] = [];
    let begin = from + 1;
    for (const end of elementEnds(bytes, from, to)) {
      if (end === from + 1) break;
      const colon = endOfText(bytes, begin, end);
      if (bytes[colon] !== COLON) throw new SyntaxError(`no field at byte ${begin}`);
      fields.push([String(parse(begin, colon)), read(colon + 1, end, depth + 1)]);
      begin = end + 1;
    }
    return Object.fromEntries(fields);
  };

  return read(0, bytes.length, 0);
}

/** Where each element of the list or object from `from` to `to` ends: its comma, and in the end the closing bracket. */
function* elementEnds(bytes: Uint8Array, from: number, to: number): Generator<number, void> {
  let depth = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfText(bytes, at, to) - 1;
    else if (OPENING.has(byte)) depth += 1;
    else if (byte === COMMA && depth === 1) yield at;
    else if (CLOSING.has(byte)) {
      depth -= 1;
      if (depth > 0) continue;
      if (at !== to - 1) throw new SyntaxError(`more after byte ${at}`);
      return yield at;
    }
  }
  throw new SyntaxError(`no end before byte ${to}`);
}

/** Just after the text whose opening quote stands at `from`. */
function endOfText(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from + 1; at < to; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  throw new SyntaxError(`a text without end at byte ${from}`);
}
