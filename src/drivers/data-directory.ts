import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Compile } from "typebox/compile";
import { TpcError } from "../core/errors.ts";
import { LOG_FOLDER, TEMPORARY_ENDING } from "../log/layout.ts";
import type { NodeName, StoreId } from "../schema/ids.ts";
import { Directory } from "../schema/session.ts";
import type { NodeKind } from "../schema/views.ts";
import { type Identity, makeIdentity, readIdentity, replaceTextFile } from "./directory-identity.ts";
import { type DirectoryLock, LOCK_FILE, lockDirectory, OWNER_FILE } from "./directory-lock.ts";
import { directoryCode } from "./errno.ts";
import { IDENTITY_FILE } from "./identity-file.ts";
import { makeDirectory } from "./make-directory.ts";

/** The nodes that this one has heard of. */
export const PEERS_FILE = "peers.json";

export type PeerList = Directory["nodes"];

/** A node's own directory, held by this process alone until it is closed. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  readonly storeId: StoreId;
  readonly name: NodeName;
  readonly kind: NodeKind;
  /** True when it was made just now: what a node starts with is read only then. */
  readonly isNew: boolean;
  /** The list written last; empty when there is none or it cannot be used, since nodes will say it again. */
  readPeers(): PeerList;
  /** Replaces the list atomically. Throws TPC_LOG_WRITE. */
  writePeers(nodes: PeerList): void;
  /** Frees the lock. The log must be closed before. */
  close(): void;
}

const peersValidator = Compile(Directory.properties.nodes);

/**
 * Opens the data directory of the node `name`, and makes it (mode 0700) where there is none or an empty one. The lock is held
 * before anything else is read. Throws TPC_DATA_DIR, with the path and what was wrong, for a directory that is somebody
 * else's, of another node or kind, or cannot be read or written; TPC_FORMAT for one of another format; TPC_DIR_LOCKED naming the
 * owner; TPC_LOG_WRITE for a full or failing disk.
 */
export function openDataDirectory(
  dir: string,
  node: { readonly name: NodeName; readonly kind: NodeKind },
): DataDirectory {
  const path = resolve(dir);
  return explain(path, () => {
    makeDirectory(path);
    // The lock is a database: what it says of a directory that may not be written would name neither.
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    refuseForeign(path);
    const lock = lockDirectory(path, Date.now());
    try {
      return explain(path, () => openLocked(path, node, lock));
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

function openLocked(
  path: string,
  node: { readonly name: NodeName; readonly kind: NodeKind },
  lock: DirectoryLock,
): DataDirectory {
  const found = readIdentity(path);
  if (found !== null) refuseOther(path, found, node);
  const identity = found ?? makeIdentity(path, node.name, node.kind);
  const peersPath = join(path, PEERS_FILE);
  let peersText = "";
  return {
    path,
    storeId: identity.storeId,
    name: identity.name,
    kind: identity.kind,
    isNew: found === null,
    readPeers: () => readPeers(peersPath),
    writePeers: (nodes) => {
      const text = `${JSON.stringify(nodes, null, 2)}\n`;
      if (text === peersText) return;
      explain(path, () => replaceTextFile(peersPath, text));
      peersText = text;
    },
    close: () => lock.release(),
  };
}

/** What may stand in a directory that is about to become one of ours: what an interrupted start, or the cluster's token, left. */
function mayBeNew(name: string): boolean {
  return (
    name === LOCK_FILE ||
    name === `${LOCK_FILE}-journal` ||
    name === OWNER_FILE ||
    name === "lost+found" ||
    name === "token" ||
    name.startsWith("token.") ||
    name.endsWith(TEMPORARY_ENDING)
  );
}

/** Before the lock, because a lock in somebody else's directory would be one file too many. */
function refuseForeign(path: string): void {
  const names = readdirSync(path);
  if (names.includes(IDENTITY_FILE)) return;
  if (names.includes(LOG_FOLDER)) {
    throw new TpcError(
      "TPC_DATA_DIR",
      `${path} has a ${LOG_FOLDER} folder and no ${IDENTITY_FILE}: whose log it is cannot be told`,
    );
  }
  const foreign = names.find((name) => !mayBeNew(name));
  if (foreign === undefined) return;
  throw new TpcError(
    "TPC_DATA_DIR",
    `${path} is not empty and not a data directory: it holds ${JSON.stringify(foreign)}`,
  );
}

function refuseOther(
  path: string,
  found: Identity,
  node: { readonly name: NodeName; readonly kind: NodeKind },
): void {
  if (found.name === node.name && found.kind === node.kind) return;
  const theirs = `the ${found.kind} ${found.name}`;
  throw new TpcError("TPC_DATA_DIR", `${path} belongs to ${theirs}, not to the ${node.kind} ${node.name}`);
}

function readPeers(path: string): PeerList {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return peersValidator.Check(value) ? value : [];
  } catch {
    return [];
  }
}

/** Turns what the system says into an error that names the directory. */
function explain<Value>(path: string, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    if (error instanceof TpcError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TpcError(directoryCode(error), `${path} cannot be used: ${reason}`, { cause: error });
  }
}
