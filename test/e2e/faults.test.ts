import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Home, makeHome } from "./program.ts";

// Goal: what the console injects can be injected, shown and taken back from a shell, and only where that was allowed.

let home: Home;
let to: readonly string[];

beforeAll(async () => {
  home = await makeHome();
  const any = ["--listen", "127.0.0.1:0"];
  const { url } = await home.node(["coordinator", ...any, "--fault-injection"]);
  to = ["--to", url];
  await home.node(["participant", "warehouse", ...any, "--coordinator", url, "--fault-injection"]);
  await home.node(["participant", "ledger", ...any, "--coordinator", url]);
  await vi.waitFor(async () => {
    const { nodes } = JSON.parse((await home.run(["status", "--json", ...to])).stdout);
    if (nodes.length < 3) throw new Error(`${nodes.length} nodes`);
  }, 10_000);
}, 20_000);
afterAll(() => home.remove());

async function fault(...args: readonly string[]) {
  return home.run(["fault", ...args, ...to]);
}

async function listed(): Promise<Record<string, unknown>> {
  const rows = JSON.parse((await fault("list", "--json")).stdout);
  return Object.fromEntries(rows.map(({ node, injected }: Record<string, string>) => [node, injected]));
}

it("shows, arms, cuts, heals and clears", async () => {
  expect((await fault("arm", "vote-no", "--node", "warehouse", "--times", "2")).status).toBe(0);
  expect((await fault("arm", "sent-vote", "--node", "warehouse")).status).toBe(0);
  expect((await fault("cut", "warehouse", "coordinator", "--direction", "in")).status).toBe(0);
  expect(await listed()).toMatchObject({
    coordinator: { faults: [], cuts: [] },
    warehouse: {
      faults: [{ fault: "vote-no", count: 2 }],
      points: [{ point: "sent-vote", count: 1 }],
      cuts: [{ peer: "coordinator", direction: "in" }],
    },
    ledger: "fault injection is off",
  });
  expect((await fault("heal", "coordinator", "warehouse")).status).toBe(0);
  expect(await listed()).toMatchObject({ warehouse: { cuts: [] } });
  const cleared = await fault("clear");
  expect(cleared.stdout).toContain("warehouse: vote-no ×2, taken back");
  expect(await listed()).toMatchObject({ warehouse: { faults: [], points: [] } });
}, 30_000);

it.each([
  [["arm", "nonsense", "--node", "warehouse"], 64, 'there is no fault "nonsense"'],
  [["arm", "vote-no", "--node", "ledger"], 77, "ledger runs without fault injection"],
  [["arm", "sent-vote", "--node", "ledger"], 77, "ledger runs without fault injection"],
  [["cut", "warehouse", "nobody"], 64, 'there is no node "nobody"'],
  [["cut", "warehouse", "ledger", "--direction", "up"], 64, "both, out, in"],
])("says in one line what is wrong with %j", async (args, status, words) => {
  const ended = await fault(...args);
  expect([ended.status, ended.stdout]).toEqual([status, ""]);
  expect(ended.stderr).toContain(words);
  expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
});

it("a crash point cannot be set where fault injection is off", async () => {
  const ended = await home.run(["coordinator", "--listen", "127.0.0.1:0", "--crash-at", "forced-commit"]);
  expect([ended.status, ended.stdout]).toEqual([64, ""]);
  expect(ended.stderr).toContain("--crash-at needs --fault-injection");
});
