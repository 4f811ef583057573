import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { createOperator } from "../client/operator.ts";
import { watchCluster } from "../client/watcher.ts";
import type { ClusterHolder } from "../cluster/directory.ts";
import { runConsole } from "../console/run-console.tsx";
import { TpcError } from "../core/errors.ts";
import { stateDirectory } from "../drivers/state-directory.ts";
import { onEndSignals } from "./end-signals.ts";
import { LOCAL_CAST, type LocalCluster, openLocalCluster } from "./local-cluster.ts";
import { watchLocal } from "./local-watcher.ts";
import { addressesFrom, addressesOf } from "./node-addresses.ts";
import { findClusterToken, nameOfKind, openClients } from "./open-client.ts";
import { userName } from "./user-name.ts";

export interface LocalConsoleOptions {
  readonly data?: string;
  readonly fresh?: boolean;
}

export interface AttachOptions {
  readonly tokenFile?: string;
  readonly readOnly?: boolean;
}

/** Starts a local cluster and shows the console on it; ends the cluster with the console. */
export async function runLocalConsole(options: LocalConsoleOptions): Promise<number> {
  requireTerminal();
  if (options.fresh && options.data !== undefined) {
    throw new TpcError("TPC_USAGE", "--data and --fresh exclude each other");
  }
  const dir = options.fresh ? null : (options.data ?? stateDirectory());
  const claim = await openLocalCluster(dir);
  if (claim.held) return offerToAttach(claim.dir, claim.holder);
  const name = options.fresh ? "fresh" : options.data === undefined ? "local" : basename(claim.local.dir);
  return showLocal(claim.local, name);
}

async function showLocal(local: LocalCluster, clusterName: string): Promise<number> {
  const { cluster, token } = local;
  const watcher = watchLocal(cluster, token);
  const operator = createOperator({ urls: addressesOf(cluster), coordinator: LOCAL_CAST.coordinator, token });
  const close = async (): Promise<void> => {
    operator.close();
    watcher.close();
    await local.close();
  };
  const stopListening = onEndSignals(close);
  try {
    await runConsole({
      watcher,
      operator,
      cluster,
      clusterName,
      readOnly: false,
      userName: userName(),
      ...terminal(),
    });
    return 0;
  } finally {
    await close();
    stopListening();
  }
}

/** Shows the console on a running cluster, whose processes it leaves alone. */
export async function attachConsole(url: string, options: AttachOptions): Promise<number> {
  requireTerminal();
  const token = await findClusterToken({ to: url, ...options });
  const clients = await openClients({ to: url, tokenFile: options.tokenFile });
  clients.closeAll();
  const coordinator = nameOfKind(clients.view, "coordinator", undefined);
  const watcher = watchCluster({ urls: [url], token });
  const operator = createOperator({ urls: addressesFrom(clients.view, watcher), coordinator, token });
  const close = async (): Promise<void> => {
    operator.close();
    watcher.close();
  };
  const stopListening = onEndSignals(close);
  try {
    const shown = { clusterName: new URL(url).host, readOnly: options.readOnly ?? false };
    await runConsole({ watcher, operator, cluster: null, userName: userName(), ...shown, ...terminal() });
    return 0;
  } finally {
    await close();
    stopListening();
  }
}

async function offerToAttach(dir: string, { pid, url }: ClusterHolder): Promise<number> {
  if (url === null)
    throw new TpcError("TPC_DIR_LOCKED", `${dir} is in use by process ${pid}, which is starting`);
  const questions = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await questions.question(
    `${dir} is in use by process ${pid}. Attach to its cluster at ${url}? [Y/n] `,
  );
  questions.close();
  if (/^n/i.test(answer.trim())) return 0;
  return attachConsole(url, { tokenFile: `${dir}/token` });
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new TpcError("TPC_NO_TERMINAL", "the console needs a terminal on standard input and output");
}

function terminal(): { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; color: boolean } {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return { stdin: process.stdin, stdout: process.stdout, color: !NO_COLOR && FORCE_COLOR !== "0" };
}
