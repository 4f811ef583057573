import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { play } from "../../src/sim/world/play.ts";

// Each trace is a story: commands, `----`, and what production nodes did. `GOLDEN_UPDATE=1` rewrites the answers,
// to be read as a diff. A line here is the line that the console's log shows.
const folder = join(import.meta.dirname, "traces");
const update = process.env.GOLDEN_UPDATE === "1";

for (const file of readdirSync(folder).sort()) {
  test(`golden trace ${file}`, () => {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const actual = play(text);
    if (update) writeFileSync(path, actual);
    expect(actual).toBe(update ? actual : text);
  });
}

test("a trace states its rule in its first line", () => {
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file), "utf8"), file).toMatch(/^# \S.{20,}/);
  }
});
