import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const README = join(import.meta.dirname, "../../README.md");

/** Puts a text between the README's markers of this name. Throws where there are none. */
export function writeSection(name: string, made: string): void {
  const text = readFileSync(README, "utf8");
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(text)) throw new Error(`README.md has no <!-- ${name} --> and <!-- /${name} -->`);
  writeFileSync(
    README,
    text.replace(marked, (_, open: string, close: string) => `${open}${made}\n${close}`),
  );
}
