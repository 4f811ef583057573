import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import { createOperator } from "../../src/client/operator.ts";
import { inspectLog } from "../../src/drivers/log-inspect.ts";
import type { NodeName, RequestId } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import type { NodeView, ResourceRows } from "../../src/schema/views.ts";
import { type Home, makeHome, type Started } from "../e2e/program.ts";

export type TargetName = "coordinator" | "warehouse" | "ledger";
export const NAMES: readonly TargetName[] = ["coordinator", "warehouse", "ledger"];

export type TargetNode = Started & { readonly url: string; readonly pid: number };

/** A cluster of real processes that is about to be mistreated. */
export interface Target {
  readonly home: Home;
  readonly token: string;
  readonly nodes: Readonly<Record<TargetName, TargetNode>>;
  client(name: TargetName): Promise<Client>;
  /** One order that any number can follow: a pen comes in, and a coin moves. */
  order(): Promise<OutcomeMessage>;
  /** Everything that must not change, once nothing is under way any more. */
  durable(): Promise<Durable>;
  remove(): Promise<void>;
}

interface Durable {
  readonly stock: ResourceRows | null;
  readonly accounts: ResourceRows | null;
  /** Frames in each node's log, without the tombstones. */
  readonly records: Readonly<Record<TargetName, number>>;
  /** `aborted` records, which a well-formed order leaves behind that a participant refuses. */
  readonly tombstones: number;
}

const WAITING = { timeout: 8_000, interval: 20 };

export const DELIVERY: Operation[] = [
  { participant: "warehouse" as NodeName, op: "receive", sku: "PEN-01", quantity: 1 },
  {
    participant: "ledger" as NodeName,
    op: "transfer",
    debit: "customer-ada",
    credit: "revenue",
    amount: "1",
  },
];

/** Starts a coordinator, a warehouse and a ledger; `args` go to each of them. The coordinator may open so many files. */
export async function startTarget(
  args: Partial<Record<TargetName, readonly string[]>> = {},
  openFilesMax?: number,
): Promise<Target> {
  const home = await makeHome();
  const listen = ["--listen", "127.0.0.1:0"];
  const within = openFilesMax === undefined ? [] : ["sh", "-c", `ulimit -n ${openFilesMax}; exec "$0" "$@"`];
  const coordinator = await home.node(["coordinator", ...listen, ...(args.coordinator ?? [])], { within });
  const to = ["--coordinator", coordinator.url];
  const [warehouse, ledger] = await Promise.all([
    home.node(["participant", "warehouse", ...listen, ...to, ...(args.warehouse ?? [])]),
    home.node(["participant", "ledger", ...listen, ...to, ...(args.ledger ?? [])]),
  ]);
  const nodes = { coordinator, warehouse, ledger };
  const token = (await readFile(join(home.dir, "2pc-console", "token"), "utf8")).trim();
  const clients = new Map<TargetName, Client>();
  const client = async (name: TargetName) => {
    const open = clients.get(name) ?? (await connect(nodes[name].url, { token }));
    clients.set(name, open);
    open.onClose(() => clients.delete(name));
    return open;
  };
  const target: Target = {
    home,
    token,
    nodes,
    client,
    async order() {
      const name = "coordinator" as NodeName;
      const operator = createOperator({ urls: new Map([[name, coordinator.url]]), coordinator: name, token });
      const requestId = `pen-${process.hrtime.bigint()}` as RequestId;
      try {
        return await operator.submit({ requestId, operations: DELIVERY, timeoutMs: 10_000 });
      } finally {
        operator.close();
      }
    },
    async durable() {
      await vi.waitFor(async () => expect(unfinished(await allViews(client))).toBe(0), WAITING);
      const [stock, accounts] = [await client("warehouse"), await client("ledger")];
      // What nobody waits for reaches the file a moment later.
      const [records, tombstones] = await vi.waitFor(() => countRecords(home), WAITING);
      return { stock: await stock.rows(), accounts: await accounts.rows(), records, tombstones };
    },
    async remove() {
      for (const open of clients.values()) open.close();
      await home.remove();
    },
  };
  await vi.waitFor(async () => expect(await countLinks(client)).toBe(6), WAITING);
  return target;
}

function allViews(client: Target["client"]): Promise<readonly NodeView[]> {
  return Promise.all(NAMES.map(async (name) => (await client(name)).nodeView()));
}

function unfinished(views: readonly NodeView[]): number {
  return views.reduce((sum, view) => sum + view.unfinished, 0);
}

async function countLinks(client: Target["client"]): Promise<number> {
  const peers = (await allViews(client)).flatMap((view) => view.peers);
  return peers.filter((peer) => peer.connected && NAMES.some((name) => name === peer.name)).length;
}

/** Throws while a commit has no end yet. */
async function countRecords(home: Home): Promise<readonly [Durable["records"], number]> {
  const records = { coordinator: 0, warehouse: 0, ledger: 0 };
  let tombstones = 0;
  for (const name of NAMES) {
    const entries = await inspectLog(join(home.dir, "2pc-console", name));
    const countOf = (type: string) => entries.filter((entry) => entry.type === type).length;
    const aborted = countOf("aborted");
    if (name === "coordinator") expect(countOf("end"), "ends of commits").toBe(countOf("commit"));
    records[name] = entries.length - aborted;
    tombstones += aborted;
  }
  return [records, tombstones];
}

/** The attacked node's memory may grow to this many times what it had: for buffers and garbage that is collected late, not for what was sent. */
const PEAK_RATIO_MAX = 4;

/**
 * Runs an attack and checks what must hold after each: the processes are the same and serve an order, what is on disk and
 * in stock is as before, and the peak of the attacked node's memory stayed within a ratio of what it had.
 */
export async function withstand<Result>(
  target: Target,
  victim: TargetName,
  attack: () => Promise<Result>,
  allowed: { readonly tombstones?: boolean; readonly orders?: boolean } = {},
): Promise<Result> {
  const { pid } = target.nodes[victim];
  const before = await target.durable();
  await resetPeak(pid);
  const restBytes = await statusBytes(pid, "VmRSS");
  const result = await attack();
  const peakBytes = await statusBytes(pid, "VmHWM");
  const after = await target.durable();
  const tombstones = allowed.tombstones ? before.tombstones : after.tombstones;
  if (!allowed.orders) expect({ ...after, tombstones }, "what is durable").toEqual(before);
  expect(peakBytes / restBytes, `the peak of ${victim}'s memory over what it had`).toBeLessThan(
    PEAK_RATIO_MAX,
  );
  expect((await target.order()).outcome, "an order afterwards").toBe("committed");
  for (const name of NAMES) expect(target.nodes[name].child.exitCode, `${name} runs`).toBeNull();
  return result;
}

async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}

/** A figure of `/proc/PID/status`, in bytes. */
export async function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const [, kibibytes = "0"] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status) ?? [];
  return Number(kibibytes) * 1024;
}

/** How many sockets a process has open. */
export async function countSockets(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => "")),
  );
  return links.filter((link) => link.startsWith("socket:")).length;
}
