import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TransactionId } from "../../src/schema/ids.ts";
import { makeCluster, NAMES, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { GOODS } from "./partition-load.ts";
import { type Ended, type Home, makeHome } from "./program.ts";
import { openTerminal } from "./terminal.ts";

// What is blocked is settled by hand from a shell: previewed, asked for twice, recorded with who and why, compared with the
// coordinator's decision when that comes, and shown until somebody takes note. What is undecided cannot be forgotten.

let nodes: TestCluster;
let home: Home;
let id: TransactionId;
let order: ReturnType<TestCluster["order"]>;
beforeEach(async () => {
  home = await makeHome();
  nodes = await makeCluster();
  for (const name of NAMES) await nodes.start(name);
  // The coordinator has logged commit, and dies before anybody hears of it.
  await nodes.arm("coordinator", "crash-after-decision", 1);
  order = nodes.order(GOODS);
  id = await nodes.inDoubt("ledger");
  await nodes.inDoubt("warehouse");
  expect(await nodes.death("coordinator", 10_000)).toBe("SIGKILL");
}, 60_000);
afterEach(async () => {
  await nodes.remove();
  await home.remove();
});

const access = (): string[] => [
  "--to",
  nodes.url("warehouse"),
  "--token-file",
  join(nodes.dir("warehouse"), "..", "token"),
];
const run = (...words: string[]): Promise<Ended> => home.run([...words, ...access()]);
const resolve = (action: string, ...words: string[]): Promise<Ended> =>
  run("resolve", id, action, "--by", "ann", "--reason", "goods are back", ...words);
const status = async (): Promise<string> => (await run("status")).stdout;
const inDoubt = async (): Promise<number> =>
  (await nodes.view("warehouse")).inDoubt + (await nodes.view("ledger")).inDoubt;

test("a decision that turns out otherwise is mixed until it is taken note of", {
  timeout: 120_000,
}, async () => {
  // What the warehouse has asked the ledger may not be answered yet.
  await expect
    .poll(async () => (await resolve("abort", "--preview")).stdout, { timeout: 20_000 })
    .toContain("ledger says in-doubt");
  const preview = await resolve("abort", "--preview");
  expect(preview).toMatchObject({ status: 0, stderr: "" });
  expect(preview.stdout).toMatch(/^coordinator +no +cannot be asked: .*ECONNREFUSED/m);
  expect(preview.stdout).toMatch(
    /^warehouse +yes +abort here: PENCIL-01 reserved -1\. coordinator is away; ledger says in-doubt\./m,
  );
  expect(preview.stdout).toMatch(/^ledger +yes +abort here: .*customer-ada debitsPending -1/m);
  expect(preview.stdout).toContain("Others may have ended, or end, otherwise.");
  expect(preview.stdout).toMatch(/^previewed, nothing done$/m);

  expect(await resolve("forget")).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^warehouse +no +it is undecided; nothing undecided is forgotten/m),
  });
  for (const words of [[], ["--confirm", "coordinator-000000000000.1.1"]]) {
    expect(await resolve("abort", ...words)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining(
        `this may break atomicity, and it is not confirmed: add --confirm ${id}`,
      ),
    });
  }
  const silent = await run("resolve", id, "abort", "--reason", " ", "--confirm", id);
  expect(silent).toMatchObject({ status: 64, stdout: "", stderr: expect.stringContaining("--reason") });
  expect(await inDoubt()).toBe(2);

  const settled = await resolve("abort", "--node", "ledger", "--confirm", id);
  expect(settled).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^ledger +yes +abort here: .*/m),
  });
  expect(settled.stdout).toMatch(/DONE[\s\S]*^settled$/m);
  const twice = await resolve("commit", "--node", "ledger", "--confirm", id);
  expect(twice).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("settled by hand already: abort"),
  });
  expect(await inDoubt()).toBe(1);
  // Nobody knows yet whether that was right, and that cannot be put aside in silence.
  const early = await resolve("forget");
  expect(early.stdout).toMatch(/^ledger +no +the coordinator's decision is not known yet; record a hazard/m);
  expect((await run("tx", "show", id)).stdout).toMatch(
    /heuristic abort \(hazard\) by ann at .*: goods are back/,
  );

  await nodes.start("coordinator");
  expect((await order).outcome).toBe("committed");
  const line = `${id} mixed: ledger abort by ann, coordinator commit`;
  await until("the contradiction", async () => ((await status()).includes(line) ? true : null));
  expect(await status()).toMatch(
    /^ledger: alarm: heuristic mixed: ann decided abort of .*, its coordinator commit$/m,
  );
  // It outlives the processes.
  await nodes.signal("ledger", "SIGKILL");
  await nodes.start("ledger");
  await until("the contradiction again", async () => ((await status()).includes(line) ? true : null));

  const noted = await resolve("forget", "--confirm", id);
  expect(noted).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("take note that it was abort here"),
  });
  await nodes.rest();
  expect(await status()).not.toContain(id);
  expect(await status()).not.toContain("alarm");
  const log = (await home.run(["log", "inspect", nodes.dir("ledger"), "--json"])).stdout;
  const records = JSON.parse(log).entries.flatMap((entry: { record: unknown }) => entry.record ?? []);
  const verdict = { by: "ann", reason: "goods are back" };
  expect(records).toContainEqual(
    expect.objectContaining({
      type: "heuristic",
      decision: "abort",
      verdict: expect.objectContaining(verdict),
    }),
  );
  expect(records).toContainEqual(
    expect.objectContaining({
      type: "heuristic-end",
      ending: "mixed",
      verdict: expect.objectContaining(verdict),
    }),
  );
  expect(await nodes.faults(false)).toEqual([]);
});

test("on a terminal it asks twice, and a decision that agrees is over by itself", {
  timeout: 120_000,
}, async () => {
  const ask = async (...answers: readonly [question: string, answer: string][]): Promise<number> => {
    const words = ["resolve", id, "commit", "--by", "ann", "--reason", "logged", ...access()];
    const { pty, ended, output } = openTerminal(home, words);
    for (const [question, answer] of answers) {
      await expect.poll(output, { timeout: 15_000 }).toContain(question);
      pty.write(`${answer}\r`);
    }
    return (await ended).exitCode;
  };
  const first = "This may break atomicity, for good. Go on?";
  const second = "Type the transaction's id to confirm:";
  expect(await ask([first, ""])).toBe(64);
  expect(await ask([first, "y"], [second, "yes"])).toBe(64);
  expect(await inDoubt()).toBe(2);
  expect(await ask([first, "y"], [second, id])).toBe(0);
  expect(await inDoubt()).toBe(0);
  await nodes.start("coordinator");
  expect((await order).outcome).toBe("committed");
  await nodes.rest();
  expect(await status()).not.toContain(id);
  expect(await nodes.faults(true)).toEqual([]);
});
