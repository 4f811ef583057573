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
