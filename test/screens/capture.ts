import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { armCrash, pidOf, submitOrder } from "./cluster-hands.ts";
import { LAUNCHER } from "./terminal.ts";
import { openTmux, type TmuxWindow } from "./tmux.ts";

// `npm run captures [DIR]`: the running program in tmux, in five situations at four sizes, as text (.txt) and with its
// colours (.ansi: show it with `cat`).

const SIZES = [
  [200, 50],
  [120, 40],
  [80, 24],
  [60, 15],
] as const;

interface Captured {
  readonly name: string;
  /** From the situation before to this one. */
  lead(window: TmuxWindow, dir: string): Promise<void>;
  /** Before each size, where something has to be going on. */
  stir?(window: TmuxWindow): Promise<void>;
}

/** In this order one console is led through them; the last one is of what it has recorded. */
const LIVE: readonly Captured[] = [
  {
    name: "idle",
    lead: (window) => window.until(/LIVE.*participants 2\/2/),
  },
  {
    name: "busy",
    async lead(window) {
      await burst(window, 2);
    },
    // Few enough that stock and funds last.
    stir: (window) => burst(window, 3),
  },
  {
    name: "participant-down",
    async lead(window, dir) {
      process.kill(await pidOf(dir, "ledger"), "SIGKILL");
      await window.until(/x ledger .*DOWN/);
      await submitOrder(dir);
      await window.until(/~ retrying/);
    },
  },
  {
    name: "in-doubt",
    async lead(window, dir) {
      await window.type("r");
      await window.until(/LIVE/);
      await window.until(/unfinished 0/);
      await armCrash(dir);
      await submitOrder(dir);
      await window.until(/BLOCKED|IN DOUBT/);
      await window.type("4");
      await window.until(/asked \d+ times/);
    },
  },
];

async function burst(window: TmuxWindow, count: number): Promise<void> {
  const isOld = (await window.lines()).some((line) => line.startsWith("burst: "));
  // Esc right before a letter would be Alt with that letter.
  if (isOld) await window.type("Escape");
  await window.until(/^burst: /, false);
  await window.type("b", ...String(count), "Enter");
  await window.until(/^burst: \d+ of \d+ order/);
}

async function capture({ name, stir }: Captured, window: TmuxWindow, target: string): Promise<void> {
  for (const [columns, rows] of SIZES) {
    await window.resize(columns, rows);
    await stir?.(window);
    // What is busy, or ages, never stands still.
    if (stir === undefined && name !== "in-doubt" && name !== "participant-down") await window.untilStill();
    else await new Promise((resolve) => setTimeout(resolve, 400));
    const path = join(target, `${name}-${columns}x${rows}`);
    await writeFile(`${path}.txt`, `${(await window.lines()).join("\n")}\n`);
    await writeFile(`${path}.ansi`, `${(await window.lines(true)).join("\n")}\u001b[0m\n`);
    process.stdout.write(`${path}.txt\n`);
  }
  await window.resize(...SIZES[0]);
}

const target = resolve(process.argv[2] ?? join(tmpdir(), "2pc-console-captures"));
await mkdir(target, { recursive: true });
const dir = await mkdtemp(join(tmpdir(), "2pc-captures-"));
const trace = join(dir, "run.jsonl");
const tmux = await openTmux({ NODE_ENV: "production" });
try {
  const args = ["--data", join(dir, "demo"), "--theme", "dark", "--trace", trace];
  const live = await tmux.open([process.execPath, LAUNCHER, ...args], ...SIZES[0]);
  try {
    for (const situation of LIVE) {
      await situation.lead(live, join(dir, "demo"));
      await capture(situation, live, target);
    }
  } finally {
    // The cluster ends with it, and lets go of its files.
    await live.type("C-c", "C-c");
    await live.ended();
  }
  const replay = await tmux.open(
    [process.execPath, LAUNCHER, "replay", trace, "--theme", "dark"],
    ...SIZES[0],
  );
  await replay.until("REPLAY");
  await replay.type(...">}}}}}}");
  await capture({ name: "replay", lead: async () => {} }, replay, target);
  await replay.type("q");
  await replay.ended();
} finally {
  await tmux.close();
  await rm(dir, { recursive: true, force: true });
}
