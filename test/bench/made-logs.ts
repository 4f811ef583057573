import { hash } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { chooseRows, planTransaction, type Stock } from "../../src/bench/plan.ts";
import { benchNodes } from "../../src/bench/seeds.ts";
import type { NodeSpec } from "../../src/cluster/supervised-node.ts";
import type { Effect } from "../../src/core/effects.ts";
import { makeImage } from "../../src/core/image.ts";
import { type NodeInput, stepNode } from "../../src/core/node.ts";
import type { NodeState } from "../../src/core/node-state.ts";
import type { BeginRequest } from "../../src/core/request-desk.ts";
import { type DataDirectory, openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { readAccounts, readInventory } from "../../src/drivers/seed-file.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { canonicalOperations } from "../../src/runtime/canonical.ts";
import { makeNodeTables } from "../../src/runtime/node.ts";
import type { Log, Resource } from "../../src/runtime/ports.ts";
import { createQueue } from "../../src/runtime/queue.ts";
import { type CheckpointImage, recoverNode } from "../../src/runtime/recover.ts";
import { createWork } from "../../src/runtime/work.ts";
import type { NodeName, RequestId } from "../../src/schema/ids.ts";
import type { NodeKind } from "../../src/schema/views.ts";

/** A node whose log was made, and what it knew at the log's end. */
export interface MadeNode {
  readonly name: NodeName;
  readonly kind: NodeKind;
  readonly dir: string;
  readonly image: CheckpointImage;
}

/** Transactions that are under way at once. */
export const IN_FLIGHT = 256;
/** Records that each node writes of a transaction: `commit` and `end`, `prepared` and `committed`. */
const RECORDS_EACH = 2;
const PARTICIPANTS = 2;
const COORDINATOR = "coordinator" as NodeName;

const UNWATCHED = { isToldRows: () => false, isTallied: () => false, emit: () => undefined };

/**
 * Makes logs of `records` records, rounded up to whole transactions, of a coordinator, a warehouse and a ledger in folders of
 * `dir`: the shipped core takes its steps and the shipped log writes what they append. Only that there is no network between
 * the nodes, that nothing is synced before the end, and that no checkpoint shortens a log. `issuedAtMs` is when all requests
 * were issued.
 */
export async function makeLogs(
  dir: string,
  records: number,
  issuedAtMs: number,
): Promise<readonly MadeNode[]> {
  const inputs = createQueue<readonly [node: Making, input: NodeInput]>();
  const nodes = new Map<NodeName, Making>();
  const push = (name: NodeName, input: NodeInput) => {
    const node = nodes.get(name);
    if (node !== undefined) inputs.add([node, input]);
  };
  for (const spec of await benchNodes(dir, PARTICIPANTS, 1))
    nodes.set(spec.name, await beginLog(dir, spec, push));
  introduce([...nodes.values()]);
  const stocks = [...nodes.values()].flatMap(({ name, resource }) =>
    resource === null ? [] : chooseRows(name, resource.rows(), IN_FLIGHT, false),
  );
  const transactions = Math.ceil(records / RECORDS_EACH);
  for (let begun = 0; begun < transactions; begun += IN_FLIGHT) {
    for (let index = begun; index < Math.min(transactions, begun + IN_FLIGHT); index += 1)
      push(COORDINATOR, { type: "begin-received", request: requestOf(stocks, index, issuedAtMs) });
    for (let next = inputs.take(); next !== undefined; next = inputs.take()) next[0].take(next[1]);
    for (const node of nodes.values()) node.log.flush(true);
    await setImmediate();
  }
  return Promise.all([...nodes.values()].map(finishLog));
}

function introduce(nodes: readonly Making[]): void {
  for (const node of nodes) {
    for (const { name, state } of nodes) {
      const { nodeId, epoch, self } = state;
      if (node.name !== name) node.take({ type: "peer-connected", name, url: self.url, nodeId, epoch });
    }
  }
}

function requestOf(stocks: readonly Stock[], index: number, issuedAtMs: number): BeginRequest {
  const { operations } = planTransaction(stocks, { abortRate: 0, readOnlyShare: 0 }, index);
  const requestId = `bench-01234567-${index}` as RequestId;
  const digest = hash("sha256", canonicalOperations(operations), "base64url");
  return { requestId, issuedAtMs, operations, timeoutMs: 30_000, digest };
}

/** A node whose log is being made. */
interface Making {
  readonly name: NodeName;
  readonly directory: DataDirectory;
  readonly state: NodeState;
  readonly resource: Resource | null;
  readonly log: Log;
  take(input: NodeInput): void;
}

async function beginLog(
  parent: string,
  spec: NodeSpec,
  push: (to: NodeName, input: NodeInput) => void,
): Promise<Making> {
  const { name, kind } = spec;
  const directory = openDataDirectory(join(parent, name), { name, kind });
  const { storeId } = directory;
  const { self, state } = makeNodeTables({ name, storeId }, kind !== "coordinator");
  self.url = `ws://127.0.0.1:${40_000 + kind.length}`;
  const resource = await resourceOf(spec);
  const { log, recovered } = await openFileLog(directory, {
    checkpointBytes: Number.MAX_SAFE_INTEGER,
    onFatal(error) {
      throw error;
    },
  });
  recoverNode(state, resource, recovered);
  // As a new participant does before it serves.
  if (resource !== null) await log.checkpoint(imageOf({ state, resource }), [], recovered.end.seq);

  const answers = createQueue<NodeInput>();
  const work = createWork({ state, resource, faults: null, watchers: UNWATCHED, push: answers.add });
  const run = (effect: Effect): void => {
    switch (effect.type) {
      case "send":
        return push(effect.to, { type: "message-received", from: name, message: effect.message });
      case "append-record": {
        const { record, force } = effect;
        const seq = log.append(record, false);
        return force ? push(name, { type: "record-forced", record, seq }) : undefined;
      }
      case "plan-work":
      case "perform-work":
      case "finish-work":
      case "undo-work":
        return work.run(effect);
      default: // Timers, and what is for people.
        return;
    }
  };
  const take = (input: NodeInput): void => {
    for (const effect of stepNode(state, input)) run(effect);
    const answer = answers.take();
    if (answer !== undefined) take(answer);
  };
  return { name, directory, state, resource, log, take };
}

async function resourceOf({ kind, seedFile }: NodeSpec): Promise<Resource | null> {
  if (seedFile === undefined) return null;
  if (kind === "warehouse") return createWarehouse(await readInventory(seedFile));
  return createLedger(await readAccounts(seedFile));
}

async function finishLog(node: Making): Promise<MadeNode> {
  const { name, directory, log } = node;
  await log.close();
  directory.close();
  return { name, kind: directory.kind, dir: directory.path, image: imageOf(node) };
}

/** What a checkpoint would hold now. */
function imageOf({ state, resource }: Pick<Making, "state" | "resource">): CheckpointImage {
  return { node: makeImage(state, () => null), resource: rowsOf(resource) };
}

/** As a checkpoint stores what is kept. */
export function rowsOf(resource: Resource | null): unknown {
  return resource === null ? null : JSON.parse(JSON.stringify(resource.image()));
}
