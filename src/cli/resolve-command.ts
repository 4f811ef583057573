import { createInterface } from "node:readline/promises";
import { printable } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { parseTransactionId } from "../core/ids.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Resolution, Resolve } from "../schema/session.ts";

import { type ClusterAccess, type ClusterClients, withClients } from "./open-client.ts";
import { type Column, textTable } from "./table.ts";
import { transactionIdArgument } from "./transaction-argument.ts";
import { userName } from "./user-name.ts";

export interface ResolveOptions extends ClusterAccess {
  readonly reason: string;
  /** Who decides; the name of the user where absent. */
  readonly by?: string;
  /** Only this node. */
  readonly node?: string;
  readonly hazard?: boolean;
  readonly preview?: boolean;
  /** The transaction's id once more, in place of the questions. */
  readonly confirm?: string;
  readonly json?: boolean;
}

const columns = (title: "WILL" | "DONE"): readonly Column<Resolution>[] => [
  { title: "NODE", align: "left", cell: ({ node }) => node },
  { title, align: "left", cell: ({ accepted }) => (accepted ? "yes" : "no") },
  { title: "WHAT", align: "left", cell: ({ text }) => text },
];

/**
 * Settles a transaction by hand: first every node says what it would do, then, after two questions where atomicity may
 * break, those that can do it. Exit status 0 when something was settled (or only previewed), 1 when nothing could be.
 */
export async function resolveTransaction(
  id: string,
  action: Resolve["action"],
  options: ResolveOptions,
): Promise<number> {
  const transactionId = transactionIdArgument(id);
  if (options.reason.trim() === "") throw new TpcError("TPC_USAGE", "--reason says nothing");
  const words = {
    transactionId,
    action,
    by: options.by ?? userName(),
    reason: options.reason,
    acceptHazard: options.hazard ?? false,
  };
  return withClients(options, async (clients) => {
    const names = options.node === undefined ? nodesFor(clients, transactionId) : [options.node as NodeName];
    const previews = await askAll(clients, names, { ...words, preview: true });
    const able = previews.filter(({ accepted }) => accepted);
    const isPreview = options.preview === true || able.length === 0;
    if (isPreview) {
      print(options, { transactionId, action, settled: false, nodes: previews });
      return options.preview || able.length > 0 ? 0 : 1;
    }
    if (!options.json) process.stdout.write(`${printTable(previews, "WILL")}\n`);
    if (able.some(({ mayBreakAtomicity }) => mayBreakAtomicity)) await confirm(transactionId, options);
    const done = await askAll(
      clients,
      able.map(({ node }) => node),
      { ...words, preview: false },
    );
    const settled = done.length > 0 && done.every(({ accepted }) => accepted);
    print(options, { transactionId, action, settled, nodes: done });
    return settled ? 0 : 1;
  });
}

/** The coordinator and everybody the named node knows. */
function nodesFor({ view }: ClusterClients, transactionId: TransactionId): readonly NodeName[] {
  const { coordinatorName } = parseTransactionId(transactionId);
  return [...new Set([coordinatorName, view.name, ...view.peers.map(({ name }) => name)])];
}

/** What each node says; those that cannot be reached say so. */
async function askAll(
  clients: ClusterClients,
  names: readonly NodeName[],
  words: Omit<Resolve, "type" | "queryId">,
): Promise<readonly Resolution[]> {
  return Promise.all(
    names.map(async (node) => {
      try {
        return await (await clients.at(node)).resolve(words);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const { transactionId } = words;
        return {
          transactionId,
          node,
          accepted: false,
          text: `cannot be asked: ${why}`,
          mayBreakAtomicity: false,
        };
      }
    }),
  );
}

/** Two questions on a terminal; elsewhere the id must have been given a second time. */
async function confirm(transactionId: TransactionId, { confirm: given }: ResolveOptions): Promise<void> {
  if (given === transactionId) return;
  const refusal = new TpcError(
    "TPC_USAGE",
    `this may break atomicity, and it is not confirmed: add --confirm ${transactionId}`,
  );
  if (given !== undefined || !process.stdin.isTTY || !process.stderr.isTTY) throw refusal;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const first = await lines.question("This may break atomicity, for good. Go on? y/N ");
    if (first.trim().toLowerCase() !== "y") throw refusal;
    const second = await lines.question("Type the transaction's id to confirm: ");
    if (second.trim() !== transactionId) throw refusal;
  } finally {
    lines.close();
  }
}

interface ResolveReport {
  readonly transactionId: TransactionId;
  readonly action: Resolve["action"];
  readonly settled: boolean;
  readonly nodes: readonly Resolution[];
}

function print(options: ResolveOptions, report: ResolveReport): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const verdict = report.settled
    ? "settled"
    : options.preview
      ? "previewed, nothing done"
      : "nothing was settled";
  process.stdout.write(`${printTable(report.nodes, report.settled ? "DONE" : "WILL")}\n${verdict}\n`);
}

function printTable(rows: readonly Resolution[], title: "WILL" | "DONE"): string {
  return textTable(columns(title), rows, "no nodes").split("\n").map(printable).join("\n");
}
