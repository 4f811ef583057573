import { join, resolve } from "node:path";
import { stateDirectory } from "../drivers/state-directory.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind } from "../schema/views.ts";
import { checkNodeName, DEFAULT_PORTS, DEFAULT_URL, type ListenAddress } from "./arguments.ts";
import { serveNode } from "./serve-node.ts";

export interface NodeCommandOptions {
  readonly name: string;
  readonly listen?: ListenAddress;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly coordinator?: readonly string[];
  readonly inventory?: string;
  readonly accounts?: string;
  readonly faultInjection?: boolean;
  readonly supervised?: boolean;
}

/** Runs one node until it is told to end. */
export async function runNode(kind: NodeKind, options: NodeCommandOptions): Promise<number | null> {
  const name = checkNodeName(options.name) as NodeName;
  await serveNode({
    kind,
    name,
    listenHost: options.listen?.host ?? "127.0.0.1",
    listenPort: options.listen?.port ?? DEFAULT_PORTS[kind],
    dataDir: resolve(options.data ?? join(stateDirectory(), name)),
    token: { dataDir: options.data, tokenFile: options.tokenFile },
    coordinatorUrls: options.coordinator ?? (kind === "coordinator" ? [] : [DEFAULT_URL]),
    inventoryPath: options.inventory ?? null,
    accountsPath: options.accounts ?? null,
    faultInjection: options.faultInjection ?? false,
    supervised: options.supervised ?? false,
  });
  return null;
}
