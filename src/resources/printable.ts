// Control characters would reach the terminal as commands, and direction marks make a name read as another one.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE, "gu");
const QUOTED_CHARACTERS_MAX = 60;

/** True when a text may stand on a terminal as it is. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && !UNPRINTABLE.test(text);
}

/** A value from outside as a message may show it: quoted if it is text, made printable, and short. Never its inside: that may be endless. */
export function quote(value: unknown): string {
  if (value === undefined || value === "") return "missing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? `"${value}"` : (JSON.stringify(value) ?? typeof value);
  return shorten(printable(text), QUOTED_CHARACTERS_MAX);
}

/** A key or a sentence from outside as a message may show it. */
export function plain(text: string, charactersMax = QUOTED_CHARACTERS_MAX): string {
  return shorten(printable(text), charactersMax);
}

function printable(text: string): string {
  const escaped = (character: string) =>
    `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  return text.toWellFormed().replace(EACH_UNPRINTABLE, escaped);
}

function shorten(text: string, charactersMax: number): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax).toWellFormed()}…` : text;
}
