import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TpcError } from "../core/errors.ts";
import { directoryBytes } from "../drivers/directory-bytes.ts";
import { isDirectoryLocked } from "../drivers/directory-lock.ts";
import { IDENTITY_FILE } from "../drivers/identity-file.ts";
import { claimDirectory, findHolder } from "./directory.ts";

/** A directory of a cluster that a reset deletes. */
export interface KeptDirectory {
  readonly path: string;
  /** Null for the nodes' readable logs. */
  readonly node: string | null;
  readonly bytes: number;
}

/**
 * What a cluster keeps in its directory: one directory a node, and their readable logs. The token is none of it, and
 * neither is anything that the nodes did not make. Rejects with TPC_DIR_LOCKED while anything of it is in use.
 */
export async function findKept(dir: string): Promise<readonly KeptDirectory[]> {
  const holder = await findHolder(dir);
  if (holder !== null) throw inUse(dir, `process ${holder.pid}`);
  const kept: KeptDirectory[] = [];
  for (const name of await namesIn(dir)) {
    const path = join(dir, name);
    const inside = await namesIn(path);
    const isNode = inside.includes(IDENTITY_FILE);
    if (!isNode && name !== "logs") continue;
    if (isNode && isDirectoryLocked(path)) throw inUse(path, "a node");
    kept.push({ path, node: isNode ? name : null, bytes: await directoryBytes(path) });
  }
  return kept;
}

/** Deletes these for good, with the cluster's directory claimed meanwhile. Rejects with TPC_DIR_LOCKED where it is in use. */
export async function deleteKept(dir: string, kept: readonly KeptDirectory[]): Promise<void> {
  const claim = await claimDirectory(dir);
  if (claim.held) throw inUse(dir, `process ${claim.holder.pid}`);
  try {
    for (const { path, node } of kept) {
      if (node !== null && isDirectoryLocked(path)) throw inUse(path, "a node");
    }
    for (const { path } of kept) await rm(path, { recursive: true, force: true });
  } finally {
    await claim.release();
  }
}

function inUse(path: string, by: string): TpcError {
  return new TpcError("TPC_DIR_LOCKED", `${path} is in use by ${by}: nothing is deleted`);
}

async function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => []);
}
