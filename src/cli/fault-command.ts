import type { Client } from "../client/client.ts";
import { printableJson } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { injectedWords } from "../observe/injected.ts";
import { LOOP_POINTS } from "../runtime/crash-points.ts";
import { FAULT_NAMES } from "../schema/faults.ts";
import type { NodeName } from "../schema/ids.ts";
import type { CutDirection, Injected } from "../schema/injection.ts";
import { type ClusterAccess, type ClusterClients, withClients } from "./open-client.ts";
import { textTable } from "./table.ts";

export interface FaultOptions extends ClusterAccess {
  readonly node: string;
  /** 0 disarms. */
  readonly times: number;
}

/**
 * Arms a fault, or a crash at a named point, in a node that was started with fault injection; or disarms it. Rejects with
 * TPC_FORBIDDEN elsewhere.
 */
export async function armFault(name: string, options: FaultOptions): Promise<number> {
  const { node, times } = options;
  const fault = FAULT_NAMES.find((each) => each === name);
  const point = LOOP_POINTS.find((each) => each === name);
  if (fault === undefined && point === undefined) {
    throw new TpcError(
      "TPC_USAGE",
      `there is no fault ${JSON.stringify(name)}; there are ${FAULT_NAMES.join(", ")}, and crash points such as sent-vote`,
    );
  }
  await withClients(options, async (clients) => {
    const client = await clients.at(node as NodeName);
    if (fault !== undefined) await client.armFault(fault, times);
    else if (point !== undefined) await client.armCrash(point, times);
  });
  const often = times === 1 ? "once" : `${times} times`;
  say(times === 0 ? `disarmed in ${node}: ${name}` : `armed in ${node}: ${name}, ${often}`);
  return 0;
}

/** Prints what is injected into each node that can be asked. */
export async function listFaults(options: ClusterAccess & { readonly json?: boolean }): Promise<number> {
  const rows = await withClients(options, async (clients) =>
    Promise.all(namesOf(clients).map(async (node) => ({ node, injected: await injectedAt(clients, node) }))),
  );
  if (options.json) {
    say(printableJson(rows, 2));
    return 0;
  }
  const columns = [
    { title: "NODE", align: "left", cell: (row: (typeof rows)[number]) => row.node },
    { title: "INJECTED", align: "left", cell: ({ injected }: (typeof rows)[number]) => wordsOf(injected) },
  ] as const;
  say(textTable(columns, rows, "no node answers"));
  return 0;
}

export interface CutOptions extends ClusterAccess {
  readonly direction: CutDirection;
}

/** Cuts a link between two nodes, silently, as a partition would. */
export async function cutLink(node: string, peer: string, options: CutOptions): Promise<number> {
  await withClients(options, async (clients) => {
    refuseUnknown(clients, peer);
    await (await clients.at(node as NodeName)).cutLink(peer as NodeName, options.direction);
  });
  say(`cut: ${node} and ${peer}, ${options.direction}`);
  return 0;
}

/** Heals a link between two nodes, at whichever end it was cut. */
export async function healLink(node: string, peer: string, options: ClusterAccess): Promise<number> {
  await withClients(options, async (clients) => {
    for (const [one, other] of [
      [node, peer],
      [peer, node],
    ] as const) {
      refuseUnknown(clients, other);
      await (await clients.at(one as NodeName)).cutLink(other as NodeName, null);
    }
  });
  say(`healed: ${node} and ${peer}`);
  return 0;
}

/** Disarms and heals everything in every node that can be asked. */
export async function clearFaults(options: ClusterAccess): Promise<number> {
  await withClients(options, async (clients) => {
    for (const node of namesOf(clients)) {
      const injected = await injectedAt(clients, node);
      if (typeof injected === "string") continue;
      for (const words of await clearNode(await clients.at(node), injected)) say(`${node}: ${words}`);
    }
  });
  say("nothing is injected any more where a node answers");
  return 0;
}

async function clearNode(client: Client, injected: Injected): Promise<readonly string[]> {
  for (const { fault } of injected.faults) {
    const known = FAULT_NAMES.find((each) => each === fault);
    if (known !== undefined) await client.armFault(known, 0);
  }
  for (const { point } of injected.points) await client.armCrash(point, 0);
  for (const { peer } of injected.cuts) await client.cutLink(peer, null);
  return injectedWords({ ...injected, isHolding: false }).map((words) => `${words}, taken back`);
}

function namesOf({ view }: ClusterClients): readonly NodeName[] {
  return [view.name, ...view.peers.map(({ name }) => name)];
}

/** What is injected there, or in words why nothing can be told. */
async function injectedAt(clients: ClusterClients, node: NodeName): Promise<Injected | string> {
  try {
    const view = await (await clients.at(node)).nodeView();
    return view.injected ?? "fault injection is off";
  } catch (error) {
    if (error instanceof TpcError && error.code === "TPC_UNREACHABLE") return "does not answer";
    throw error;
  }
}

function wordsOf(injected: Injected | string): string {
  return typeof injected === "string" ? injected : injectedWords(injected).join(", ") || "nothing";
}

function refuseUnknown(clients: ClusterClients, name: string): void {
  const names: readonly string[] = namesOf(clients);
  if (names.includes(name)) return;
  throw new TpcError("TPC_USAGE", `there is no node ${JSON.stringify(name)}; there are ${names.join(", ")}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
