import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { type Ended, type Home, makeHome, type StartOptions } from "../e2e/program.ts";
import { expectRefusal, failing, type How, isDispensable, readRun, spread } from "./victim.ts";

// The same for a node's very first start, which makes identity, token, log and the checkpoint that holds what it begins with:
// whatever fails, the next start has a directory that it can use, and a warehouse has its stock, once.
const all = process.env.DISK_FAULTS === "all";
const TRIED = 4;

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

const kinds = all ? ["coordinator", "participant warehouse"] : ["participant warehouse"];
const hows: readonly How[] = ["EIO", "ENOSPC", "full"];

describe.each(kinds)("the first start of a %s", (kind) => {
  test.each(hows)("%s", { timeout: 900_000 }, async (how) => {
    const whole = readRun(await startAndEnd(kind, "whole", failing(join(home.dir, "whole"), null, how)), how);
    expect([whole.injected, whole.status]).toEqual([null, 0]);
    const calls = all ? whole.calls : spread(whole.calls, TRIED);
    let tried = 0;
    for (const [index, call] of calls.entries()) {
      const dir = `at-${index}`;
      const run = readRun(await startAndEnd(kind, dir, failing(join(home.dir, dir), call, how)), how);
      if (run.injected === null) continue;
      tried += 1;
      if (isDispensable(run)) expect.soft({ ...run, status: 0 }).toEqual(run);
      else expectRefusal(run);
      const again = await startAndEnd(kind, dir, {}, async (url) => {
        if (kind === "coordinator") return;
        const access = ["--to", url, "--token-file", join(home.dir, dir, "token")];
        const { stdout } = await home.run(["inventory", "--json", ...access]);
        const stock = JSON.parse(stdout).map(({ sku, onHand }: { sku: string; onHand: number }) => [
          sku,
          onHand,
        ]);
        expect(stock).toEqual(SAMPLE_ITEMS.map(({ sku, onHand }) => [sku, Number(onHand)]));
      });
      expect({ injected: run.injected, status: again.status, said: again.stderr }).toMatchObject({
        status: 0,
      });
    }
    if (all) console.info(`the first start of a ${kind}, ${how}: ${tried} calls of ${calls.length} failed`);
    expect(tried).toBeGreaterThanOrEqual(all ? calls.length * 0.9 : 2);
  });
});

/** Starts a node on a directory, and ends it when it is ready and `use` is done with it. */
async function startAndEnd(
  kind: string,
  dir: string,
  options: StartOptions,
  use: (url: string) => Promise<void> = async () => {},
): Promise<Ended> {
  const dials = kind === "coordinator" ? [] : ["--coordinator", "127.0.0.1:1"];
  const words = [...kind.split(" "), "--listen", "127.0.0.1:0", "--data", dir, ...dials];
  const { child, ended, line } = home.start(words, options);
  const ready = await line((text) => text.startsWith("{")).catch(() => null);
  if (ready !== null) {
    await use(JSON.parse(ready).url);
    child.kill("SIGTERM");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return ended;
}
