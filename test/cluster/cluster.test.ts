import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../src/cluster/cluster.ts";
import type { ProcessView } from "../../src/observe/ports.ts";
import type { NodeName } from "../../src/schema/ids.ts";

/** A stand-in for a node: it announces an address, notes its arguments, and ends with its supervisor. */
const STAND_IN = `
import { Socket } from "node:net";
const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const name = argument("--name");
if (process.argv.includes("--inventory") && argument("--inventory") === "bad") {
  console.error("TPC_PORT_TAKEN: no such luck");
  process.exit(71);
}
if (argument("--inventory") === "mute") process.exit(74);
const listen = argument("--listen");
const url = "ws://" + (listen.endsWith(":0") ? "127.0.0.1:" + (20000 + process.pid % 20000) : listen);
if (name === "stubborn") process.on("SIGTERM", () => {});
else process.on("SIGTERM", () => process.exit(0));
new Socket({ fd: 3 }).on("close", () => process.exit(0)).resume();
console.log(JSON.stringify({ url, pid: process.pid, name, role: process.argv[2] }));
console.log("arguments " + process.argv.slice(2).join(" "));
setInterval(() => {}, 1000);
`;

const COORDINATOR = { name: "coordinator" as NodeName, kind: "coordinator" as const };
const WAREHOUSE = { name: "warehouse" as NodeName, kind: "warehouse" as const };

let dir: string;
let cluster: Cluster | null = null;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tpc-cluster-"));
  await writeFile(join(dir, "stand-in.mjs"), STAND_IN);
});
afterEach(async () => {
  await cluster?.stop();
  cluster = null;
  await rm(dir, { recursive: true, force: true });
});

function start(nodes: Parameters<typeof startCluster>[0]["nodes"]): Cluster {
  cluster = startCluster({
    dir,
    tokenFile: join(dir, "token"),
    entry: join(dir, "stand-in.mjs"),
    nodes,
    faultInjection: true,
  });
  return cluster;
}

function viewOf(running: Cluster, name: NodeName): ProcessView {
  const view = running.processes().find((candidate) => candidate.name === name);
  if (view === undefined) throw new Error(`no process ${name}`);
  return view;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function nextState(running: Cluster, name: NodeName, state: ProcessView["state"]): Promise<ProcessView> {
  return new Promise((resolve) => {
    const cancel = running.onChange((view) => {
      if (view.name !== name || view.state !== state) return;
      cancel();
      resolve(view);
    });
  });
}

describe("a local cluster", () => {
  it("starts the coordinator first and tells participants where it is", async () => {
    const running = start([WAREHOUSE, COORDINATOR]);
    await running.ready();
    const { url } = viewOf(running, COORDINATOR.name);
    expect(running.urls()).toHaveLength(2);
    await expect
      .poll(() => readFile(join(dir, "logs", "warehouse.log"), "utf8"))
      .toContain(`--coordinator ${url}`);
    const log = await readFile(join(dir, "logs", "warehouse.log"), "utf8");
    expect(log).toContain(
      `participant warehouse --name warehouse --listen 127.0.0.1:0 --data ${join(dir, "warehouse")}`,
    );
    expect(log).toContain("--supervised --fault-injection");
  });

  it("kills for real, says how it ended, and restarts on the same address", async () => {
    const running = start([COORDINATOR]);
    await running.ready();
    const before = viewOf(running, COORDINATOR.name);
    await running.kill(COORDINATOR.name);
    await expect.poll(() => viewOf(running, COORDINATOR.name).state).toBe("down");
    expect(viewOf(running, COORDINATOR.name).exit).toEqual({ code: null, signal: "SIGKILL" });
    await running.restart(COORDINATOR.name);
    const after = viewOf(running, COORDINATOR.name);
    expect(after).toMatchObject({ state: "up", url: before.url, restarts: 1 });
    expect(after.pid).not.toBe(before.pid);
  });

  it("notices an exit that nobody asked for, and keeps the end of the log", async () => {
    const running = start([COORDINATOR]);
    await running.ready();
    await expect
      .poll(() => readFile(join(dir, "logs", "coordinator.log"), "utf8"))
      .toContain("arguments coordinator");
    const { pid } = viewOf(running, COORDINATOR.name);
    const down = nextState(running, COORDINATOR.name, "down");
    process.kill(pid ?? 0, "SIGKILL");
    await down;
    await expect
      .poll(() => viewOf(running, COORDINATOR.name).logTail.join())
      .toContain("arguments coordinator");
  });

  it("says why a node did not start, and leaves the others running", async () => {
    const running = start([COORDINATOR, { ...WAREHOUSE, seedFile: "bad" }]);
    await expect(running.ready()).rejects.toThrow(/warehouse ended with exit status 71.*TPC_PORT_TAKEN/);
    expect(viewOf(running, WAREHOUSE.name)).toMatchObject({
      state: "failed",
      exit: { code: 71, signal: null },
    });
    await expect
      .poll(() => viewOf(running, WAREHOUSE.name).logTail)
      .toEqual(["TPC_PORT_TAKEN: no such luck"]);
    expect(viewOf(running, COORDINATOR.name).state).toBe("up");
  });

  it("does not take what an earlier run has logged for the reason", async () => {
    const log = join(dir, "logs", `${WAREHOUSE.name}.log`);
    await mkdir(dirname(log), { recursive: true });
    await writeFile(log, "TPC_INTERNAL: long ago\n");
    const mute = start([{ ...WAREHOUSE, seedFile: "mute" }]);
    await expect(mute.ready()).rejects.toThrow(/before it was ready: TPC_LOG_WRITE/);
    const bad = start([{ ...WAREHOUSE, seedFile: "bad" }]);
    await expect(bad.ready()).rejects.toThrow(/TPC_PORT_TAKEN/);
    await expect.poll(() => viewOf(bad, WAREHOUSE.name).logTail).toEqual(["TPC_PORT_TAKEN: no such luck"]);
  });

  it("tells by its exit status why a node that could not even log did not start", async () => {
    const running = start([{ ...WAREHOUSE, seedFile: "mute" }]);
    await expect(running.ready()).rejects.toThrow(
      /exit status 74 before it was ready: TPC_LOG_WRITE: check free/,
    );
  });

  it("stops every process, one that ignores SIGTERM too", async () => {
    const stubborn = { name: "stubborn" as NodeName, kind: "ledger" as const };
    const running = start([COORDINATOR, stubborn]);
    await running.ready();
    const pids = running.processes().flatMap((view) => view.pid ?? []);
    expect(pids).toHaveLength(2);
    await running.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(viewOf(running, stubborn.name).exit).toEqual({ code: null, signal: "SIGKILL" });
    await expect(running.restart(COORDINATOR.name)).rejects.toThrow(/stopping/);
  });

  it("is reset: all stop, what they kept is gone when that is told, and all start at their addresses", async () => {
    const running = start([COORDINATOR, WAREHOUSE]);
    await running.ready();
    const before = running.processes().map(({ url }) => url);
    const pids = running.processes().flatMap(({ pid }) => pid ?? []);
    await mkdir(join(dir, "warehouse"), { recursive: true });
    await writeFile(join(dir, "warehouse", "kept"), "kept");
    let emptied: readonly string[] = [];
    let wereAlive: readonly boolean[] = [];
    let meanwhile: readonly unknown[] = [];
    const states = new Set<string>();
    running.onChange(({ state }) => states.add(state));
    await running.reset(() => {
      emptied = readdirSync(dir);
      wereAlive = pids.map(isAlive);
      meanwhile = running.processes().map(({ state, isReset }) => [state, isReset]);
    });
    // Nobody is asked to restart by hand what is about to be started.
    expect(meanwhile).toEqual([
      ["starting", true],
      ["starting", true],
    ]);
    expect(states).not.toContain("down");
    expect(emptied).not.toContain("warehouse");
    expect(wereAlive).toEqual([false, false]);
    expect(running.processes().map(({ url, state }) => [url, state])).toEqual(
      before.map((url) => [url, "up"]),
    );
    expect(running.processes().some(({ isReset }) => isReset)).toBe(false);
  });

  it("is down where a reset could not delete what was kept", async () => {
    const running = start([COORDINATOR]);
    await running.ready();
    await expect(
      running.reset(() => {
        throw new Error("not emptied");
      }),
    ).rejects.toThrow("not emptied");
    expect(running.processes().map(({ state, isReset }) => [state, isReset])).toEqual([["down", false]]);
  });
});
