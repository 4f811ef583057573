/**
 * Everything that can move a cursor, start an escape sequence, reorder text or hide in it: control characters,
 * invisible and bidirectional format characters, line separators, tag characters, and surrogates without their other half.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with every character that a terminal might act on replaced by a visible escape, such as `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, visibleEscape);
}

function visibleEscape(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}

/** The value as JSON that may stand on a terminal, see `printableJsonText`. `indent` is a number of blanks. */
export function printableJson(value: unknown, indent = 0): string {
  return printableJsonText(JSON.stringify(value, null, indent) ?? "null");
}

/**
 * JSON as it may stand on a terminal: what `JSON.stringify` leaves as it is and a terminal might act on is escaped,
 * and a reader gets the same value.
 */
export function printableJsonText(text: string): string {
  // Line ends stand between the parts of an indented document, and never inside its strings.
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" ? character : unicodeEscape(character),
  );
}

function unicodeEscape(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
