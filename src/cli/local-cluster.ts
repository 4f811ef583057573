import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { type ClusterHolder, claimDirectory } from "../cluster/directory.ts";
import type { NodeSpec } from "../cluster/supervised-node.ts";
import { TpcError } from "../core/errors.ts";
import { findOrMakeToken } from "../drivers/token.ts";
import type { Cast } from "../headless/ports.ts";
import type { NodeName } from "../schema/ids.ts";

/** The program itself, for processes that run it again. */
export const ENTRY = fileURLToPath(new URL("../../bin/2pc-console.js", import.meta.url));

/** The names of a local cluster's nodes; each is also the name of its kind. */
export const LOCAL_CAST: Cast = {
  coordinator: "coordinator" as NodeName,
  warehouse: "warehouse" as NodeName,
  ledger: "ledger" as NodeName,
};

/** Which nodes a local cluster has. */
export interface LocalShape {
  readonly nodes: readonly NodeSpec[];
  readonly faultInjection: boolean;
}

const THREE_NODES: LocalShape = {
  nodes: [
    { name: LOCAL_CAST.coordinator, kind: "coordinator" },
    { name: LOCAL_CAST.warehouse, kind: "warehouse" },
    { name: LOCAL_CAST.ledger, kind: "ledger" },
  ],
  faultInjection: true,
};

/** A cluster that this process supervises, and the directory it holds. */
export interface LocalCluster {
  readonly cluster: Cluster;
  readonly dir: string;
  readonly token: string;
  readonly tokenFile: string;
  /** Stops all nodes, lets go of the directory, and removes it if it was a temporary one. */
  close(): Promise<void>;
}

export type LocalClusterClaim =
  | { readonly held: false; readonly local: LocalCluster }
  | { readonly held: true; readonly dir: string; readonly holder: ClusterHolder };

/** Starts a local cluster on `dir`, or in a temporary directory where it is null. Tells who holds the directory already. */
export async function openLocalCluster(
  dir: string | null,
  shape: LocalShape = THREE_NODES,
): Promise<LocalClusterClaim> {
  const path = dir === null ? await makeTemporary() : resolve(dir);
  const claim = await claimDirectory(path);
  if (claim.held) return { held: true, dir: path, holder: claim.holder };
  const { token, path: tokenFile } = await findOrMakeToken({ dataDir: path });
  const cluster = startCluster({ dir: path, tokenFile, entry: ENTRY, ...shape });
  cluster.onChange((view) => {
    const isReady = view.kind === "coordinator" && view.state === "up";
    if (isReady && view.url !== null) claim.announce(view.url).catch(() => {});
  });
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await cluster.stop();
    await claim.release();
    if (dir === null) await rm(path, { recursive: true, force: true });
  };
  return {
    held: false,
    local: {
      cluster,
      dir: path,
      token,
      tokenFile,
      close() {
        closing ??= close();
        return closing;
      },
    },
  };
}

/** The same where nobody else may hold the directory. Rejects with TPC_DIR_LOCKED, which names the holder. */
export async function claimLocalCluster(dir: string | null, shape?: LocalShape): Promise<LocalCluster> {
  const claim = await openLocalCluster(dir, shape);
  if (!claim.held) return claim.local;
  const where = claim.holder.url === null ? "" : `; attach to it with --attach ${claim.holder.url}`;
  throw new TpcError("TPC_DIR_LOCKED", `${claim.dir} is in use by process ${claim.holder.pid}${where}`);
}

async function makeTemporary(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "2pc-console-"));
  } catch (error) {
    throw new TpcError("TPC_DATA_DIR", `${tmpdir()}: no temporary directory can be made`, { cause: error });
  }
}
