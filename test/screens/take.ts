import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SITUATIONS } from "./situations.ts";
import { DARK_PAPER, LIGHT_PAPER, svgOf } from "./svg.ts";
import { openTerminal } from "./terminal.ts";

// `npm run screens`: pictures for the README, of the running program with its real processes.

const dir = await mkdtemp(join(tmpdir(), "2pc-screens-"));
const [first] = SITUATIONS;
if (first === undefined) throw new Error("there is nothing to show");
const { columns, rows, theme } = first;
const terminal = openTerminal({ columns, rows, args: ["--data", join(dir, "demo"), "--theme", theme] });
try {
  for (const situation of SITUATIONS) {
    await situation.lead(terminal, join(dir, "demo"));
    await terminal.untilStill();
    const paper = situation.theme === "light" ? LIGHT_PAPER : DARK_PAPER;
    const path = join(import.meta.dirname, `${situation.name}.svg`);
    await writeFile(path, svgOf(terminal.cells(), paper, situation.title));
    process.stdout.write(`${path}\n`);
  }
} finally {
  terminal.type("\u0003\u0003");
  await terminal.ended;
  await rm(dir, { recursive: true, force: true });
}
