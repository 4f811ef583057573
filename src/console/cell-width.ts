// Blocks whose characters take two columns, and characters that are shown as pictures.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const combining = /\p{M}/u;
const printableAscii = /^[ -~]*$/;
// Controls, format characters (among them bidi overrides and joiners), surrogates, line separators, variation selectors, flags, skin tones.
const unsafe =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Variation_Selector}\p{Regional_Indicator}\p{Emoji_Modifier}\u115f\u1160\u3164\uffa0]/gu;

/** Replaces everything that could move the cursor, hide, or reorder text by a middle dot. */
export function clean(text: string): string {
  return printableAscii.test(text) ? text : text.replace(unsafe, "·");
}

/** Columns of clean text. */
export function cellWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Columns of one character of clean text: 0 for a combining mark, 2 for a wide one. */
export function characterWidth(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The columns `from` (inclusive) to `to` (exclusive) of clean text; half of a wide character becomes a blank. */
export function sliceCells(text: string, from: number, to: number): string {
  if (printableAscii.test(text)) return text.slice(from, to);
  let result = "";
  let column = 0;
  for (const character of text) {
    const width = characterWidth(character);
    const start = column;
    column += width;
    if (start >= to) break;
    if (column <= from && width > 0) continue;
    if (start < from || column > to) result += width === 0 ? "" : " ";
    else result += character;
  }
  return result;
}
