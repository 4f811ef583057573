import type { Chance } from "./chance.ts";

/** One file: what a reader sees, and what of it the loss of power would leave. */
export interface DiskFile {
  /** What a reader sees. */
  content(): Uint8Array;
  write(bytes: Uint8Array, position: number): void;
  /** Takes note of what is to be synced; the function it returns makes that durable. */
  beginSync(): () => void;
  /** A sync that failed: the system takes the pages for clean, and whether they are on disk nobody knows. */
  failSync(): void;
  /** Leaves what a loss of power leaves: `keep` is asked for each sector that was not synced. */
  losePower(keep: Chance, share: number): void;
  lengthBytes(): number;
}

interface Unsynced {
  /** The sector as each write since the last sync left it; the last one stands in the cache, and is copied when it is overwritten. */
  readonly versions: (Uint8Array | null)[];
  /** How much of the last one there is. */
  lengthBytes: number;
  /** False where a failed sync has made the system believe that it is on disk. */
  isDirty: boolean;
}

export function createDiskFile(sectorBytes: number): DiskFile {
  let cache = new Uint8Array(1024);
  let cacheBytes = 0;
  let durable = new Uint8Array(0);
  let durableBytes = 0;
  const unsynced = new Map<number, Unsynced>();

  /** Copies what is about to be overwritten. */
  const keepLast = (index: number, { versions, lengthBytes }: Unsynced) => {
    const from = index * sectorBytes;
    if (versions.length > 0) versions[versions.length - 1] = cache.slice(from, from + lengthBytes);
  };

  const put = (index: number, { lengthBytes }: Unsynced, version: Uint8Array | null) => {
    const from = index * sectorBytes;
    const bytes = version ?? cache.subarray(from, from + lengthBytes);
    const end = from + bytes.length;
    if (durable.length < end) durable = grown(durable, end);
    durable.set(bytes, from);
    durableBytes = Math.max(durableBytes, end);
  };

  return {
    content: () => cache.slice(0, cacheBytes),
    write(bytes, position) {
      if (bytes.length === 0) return;
      const end = position + bytes.length;
      const first = Math.floor(position / sectorBytes);
      const last = Math.floor((end - 1) / sectorBytes);
      for (let index = first; index <= last; index += 1) {
        const entry = unsynced.get(index);
        if (entry !== undefined) keepLast(index, entry);
      }
      if (cache.length < end) cache = grown(cache, end);
      cache.set(bytes, position);
      cacheBytes = Math.max(cacheBytes, end);
      for (let index = first; index <= last; index += 1) {
        const lengthBytes = Math.min(sectorBytes, cacheBytes - index * sectorBytes);
        const entry = unsynced.get(index);
        if (entry === undefined) unsynced.set(index, { versions: [null], lengthBytes, isDirty: true });
        else {
          entry.versions.push(null);
          entry.lengthBytes = lengthBytes;
          entry.isDirty = true;
        }
      }
    },
    beginSync() {
      const noted = [...unsynced].flatMap(([index, { versions, isDirty }]) =>
        isDirty ? [{ index, count: versions.length }] : [],
      );
      return () => {
        for (const { index, count } of noted) {
          const entry = unsynced.get(index);
          const version = entry?.versions[count - 1];
          if (entry === undefined || version === undefined) continue;
          put(index, entry, version);
          entry.versions.splice(0, count);
          if (entry.versions.length === 0) unsynced.delete(index);
        }
      };
    },
    failSync() {
      for (const entry of unsynced.values()) entry.isDirty = false;
    },
    losePower(keep, share) {
      for (const [index, entry] of unsynced) {
        if (!keep.hit(share)) continue;
        const version = keep.hit(0.7) ? entry.versions.at(-1) : keep.one(entry.versions);
        if (version !== undefined) put(index, entry, version);
      }
      // The new length may be on disk before what was written: then zeros stand there.
      if (cacheBytes > durableBytes && keep.hit(share / 8)) {
        durable = grown(durable, cacheBytes);
        durableBytes = cacheBytes;
      }
      unsynced.clear();
      cache = durable.slice();
      cacheBytes = durableBytes;
      if (cache.length < cacheBytes) cache = grown(cache, cacheBytes);
    },
    lengthBytes: () => cacheBytes,
  };
}

function grown(bytes: Uint8Array, toBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(toBytes, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
