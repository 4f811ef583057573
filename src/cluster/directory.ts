import { open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TpcError } from "../core/errors.ts";
import { directoryCode } from "../drivers/errno.ts";
import { IDENTITY_FILE } from "../drivers/identity-file.ts";
import { makeDirectory } from "../drivers/make-directory.ts";

/** Who supervises a cluster directory, as `DIR/cluster.json` says. */
export interface ClusterHolder {
  readonly pid: number;
  /** Tells the process from a later one with the same pid; null where the system has no such thing. */
  readonly processMark: string | null;
  /** The coordinator's URL once it is known. */
  readonly url: string | null;
}

export type DirectoryClaim =
  | { readonly held: true; readonly holder: ClusterHolder }
  | {
      readonly held: false;
      /** Lets a second console find the running coordinator. */
      announce(url: string): Promise<void>;
      release(): Promise<void>;
    };

const CLAIM_TRIES = 3;

/**
 * Claims a cluster directory for this process, making it where it is missing. A living holder is reported,
 * a dead one's claim is taken over. The data directories' own locks stay the guard against two writers.
 * Rejects with TPC_DATA_DIR, also for a directory that is somebody else's or one node's own; TPC_LOG_WRITE on a full disk.
 */
export async function claimDirectory(dir: string): Promise<DirectoryClaim> {
  const path = join(dir, "cluster.json");
  const self: ClusterHolder = { pid: process.pid, processMark: await processMark(process.pid), url: null };
  try {
    makeDirectory(dir);
    refuseForeign(dir, await readdir(dir));
    for (let tries = 0; tries < CLAIM_TRIES; tries++) {
      if (await createExclusively(path, self)) return heldClaim(path, self);
      const holder = await readHolder(path);
      if (holder !== null && (await isAlive(holder))) return { held: true, holder };
      await rm(path, { force: true });
    }
  } catch (error) {
    if (error instanceof TpcError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const code = directoryCode(error);
    throw new TpcError(code, `${dir} cannot be used: ${reason}`, { cause: error });
  }
  throw new TpcError("TPC_DIR_LOCKED", `${dir}: another process is claiming it at this moment`);
}

/** What only a cluster's directory holds; a claim that was cut short may have left it empty. */
const CLUSTER_NAMES = ["token", "cluster.json", "logs"];

function refuseForeign(dir: string, names: readonly string[]): void {
  if (names.includes(IDENTITY_FILE)) {
    throw new TpcError("TPC_DATA_DIR", `${dir} is one node's own directory, not a cluster's`);
  }
  if (names.some((name) => CLUSTER_NAMES.includes(name) || name.startsWith("token."))) return;
  const foreign = names.find((name) => name !== "lost+found");
  if (foreign === undefined) return;
  throw new TpcError(
    "TPC_DATA_DIR",
    `${dir} is not empty and not a cluster's directory: it holds ${JSON.stringify(foreign)}`,
  );
}

/** The living holder of a directory, or null. */
export async function findHolder(dir: string): Promise<ClusterHolder | null> {
  const holder = await readHolder(join(dir, "cluster.json"));
  return holder !== null && (await isAlive(holder)) ? holder : null;
}

function heldClaim(path: string, self: ClusterHolder): DirectoryClaim {
  return {
    held: false,
    async announce(url) {
      const temporary = `${path}.${process.pid}`;
      await writeFile(temporary, JSON.stringify({ ...self, url }), { mode: 0o600 });
      await rename(temporary, path);
    },
    release: () => rm(path, { force: true }),
  };
}

async function createExclusively(path: string, holder: ClusterHolder): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(JSON.stringify(holder));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<ClusterHolder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value !== "object" || value === null) return null;
    const { pid, processMark: mark, url }: Record<string, unknown> = { ...value };
    if (typeof pid !== "number") return null;
    return {
      pid,
      processMark: typeof mark === "string" ? mark : null,
      url: typeof url === "string" ? url : null,
    };
  } catch {
    return null;
  }
}

async function isAlive(holder: ClusterHolder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const mark = await processMark(holder.pid);
  return mark === null || holder.processMark === null || mark === holder.processMark;
}

/** Boot and start time of a process, where /proc tells them: pids are used again, these are not. */
async function processMark(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return startTime === undefined ? null : `${boot.trim()}:${startTime}`;
  } catch {
    return null;
  }
}
