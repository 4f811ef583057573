import { fitRow, type Row, type Tone } from "./row.ts";

const reset = "\u001b[0m";

// Sixteen-colour codes follow the user's own palette; plain blue is left out, for it cannot be read on black.
const colored: Record<Tone, string> = {
  plain: "",
  dim: "\u001b[90m",
  strong: "\u001b[1m",
  good: "\u001b[32m",
  warn: "\u001b[33m",
  bad: "\u001b[1;31m",
  accent: "\u001b[36m",
  selected: "\u001b[7m",
  title: "\u001b[1;36m",
};

const monochrome: Record<Tone, string> = {
  plain: "",
  dim: "\u001b[2m",
  strong: "\u001b[1m",
  good: "",
  warn: "\u001b[1m",
  bad: "\u001b[1m",
  accent: "",
  selected: "\u001b[7m",
  title: "\u001b[1;4m",
};

/** The row as a string for the terminal, exactly `width` columns wide. */
export function paintRow(row: Row, width: number, color: boolean): string {
  const codes = color ? colored : monochrome;
  let result = "";
  for (const { tone, text } of fitRow(row, width)) {
    const code = codes[tone];
    result += code === "" ? text : `${code}${text}${reset}`;
  }
  return result;
}
