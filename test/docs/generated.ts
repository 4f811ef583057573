import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

const update = process.env.DOCS_UPDATE === "1";

/** A part of a page, between markers with this name, is what the code makes of it. `DOCS_UPDATE=1` writes it anew. */
export function expectFresh(path: string, name: string, made: string): void {
  const text = readFileSync(path, "utf8");
  const pattern = new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(<!-- /${name} -->)`);
  expect(text).toMatch(pattern);
  const fresh = text.replace(pattern, (_, open, _old, close) => `${open}${made}\n${close}`);
  if (update) writeFileSync(path, fresh);
  expect(fresh).toBe(update ? fresh : text);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  for (const row of rows) expect(row, row[0]).toHaveLength(head.length);
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
