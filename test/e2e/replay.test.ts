import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, makeHome } from "./program.ts";
import { closeTerminals, LEAVE_ALTERNATE_SCREEN, openTerminal, upAndRunning } from "./terminal.ts";

// Goal: a run of the console, recorded in a real terminal, opens in one again, and is told as text where there is none.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  closeTerminals();
  await home.remove();
});

describe("a recorded run", { timeout: 30_000 }, () => {
  it("is what the console recorded although it was killed, and opens in a terminal", async () => {
    const recorded = openTerminal(home, ["--data", "state", "--trace", "run.jsonl"]);
    await upAndRunning(recorded, join(home.dir, "state"));
    await expect.poll(recorded.output, { timeout: 10_000 }).toContain("LIVE");
    recorded.pty.write("a\r\r\r\r");
    await expect.poll(recorded.output, { timeout: 10_000 }).toContain("committed in");
    // Its client knows before its participants have acked.
    const traced = () => readFile(join(home.dir, "run.jsonl"), "utf8");
    await expect.poll(traced, { timeout: 10_000 }).toContain('"phase":"forgotten"');
    recorded.pty.kill("SIGKILL");
    await recorded.ended;

    const text = await home.run(["replay", "run.jsonl"]);
    expect(text.status).toBe(0);
    expect(text.stderr).toContain("no terminal: the run as text");
    expect(text.stdout).toMatch(/coordinator > warehouse PREPARE 1\.1/);
    expect(text.stdout).toMatch(/! order: 1 /);
    const summary = JSON.parse((await home.run(["replay", "run.jsonl", "--json"])).stdout);
    expect(summary).toMatchObject({
      name: "state",
      isCut: false,
      transactions: { committed: 1, unfinished: 0 },
    });

    const checked = await home.run(["check", "run.jsonl"]);
    expect(checked).toMatchObject({ status: 0, stderr: "" });
    expect(checked.stdout).toContain("every step that was seen is allowed");

    const replay = openTerminal(home, ["replay", "run.jsonl"]);
    await expect.poll(replay.output, { timeout: 10_000 }).toContain("REPLAY");
    replay.pty.write("$");
    await expect.poll(replay.output).toContain("committed");
    replay.pty.write("q");
    expect(await replay.ended).toMatchObject({ exitCode: 0 });
    expect(replay.output()).toContain(LEAVE_ALTERNATE_SCREEN);
  });

  it.runIf(process.platform === "linux")(
    "does not end with the disk: one line tells, on the screen and after it",
    async () => {
      const full = openTerminal(home, ["--data", "state", "--trace", "/dev/full"]);
      await upAndRunning(full, join(home.dir, "state"));
      await expect.poll(full.output, { timeout: 10_000 }).toContain("ENOSPC");
      await expect.poll(full.output, { timeout: 10_000 }).toContain("LIVE");
      full.pty.write("\u0003");
      full.pty.write("\u0003");
      expect(await full.ended).toMatchObject({ exitCode: 0 });
      const after = full.output().split(LEAVE_ALTERNATE_SCREEN).at(-1);
      expect(after).toContain("the trace /dev/full ends here: ENOSPC");
    },
  );
});
