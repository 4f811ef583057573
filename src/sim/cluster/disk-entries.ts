import type { Chance } from "./chance.ts";
import type { DiskFile } from "./disk-file.ts";

/** The names in a disk's directories: as a reader sees them, and as the loss of power would leave them. */
export interface DiskEntries {
  find(path: string): DiskFile | undefined;
  put(path: string, file: DiskFile): void;
  remove(path: string): void;
  namesIn(folder: string): readonly string[] | null;
  addFolder(path: string): void;
  /** Makes the entries of a folder durable as they are now. */
  sync(folder: string): void;
  losePower(keep: Chance, share: number): void;
  usedBytes(): number;
}

export function createDiskEntries(home: string): DiskEntries {
  const current = new Map<string, DiskFile>();
  const durable = new Map<string, DiskFile>();
  const folders = new Set([home]);
  const durableFolders = new Set([home]);
  const isIn = (path: string, folder: string) => folderOf(path) === folder;

  return {
    find: (path) => current.get(path),
    put: (path, file) => void current.set(path, file),
    remove: (path) => void current.delete(path),
    namesIn: (folder) => {
      if (!folders.has(folder)) return null;
      return [...current.keys()]
        .filter((path) => isIn(path, folder))
        .map((path) => path.slice(folder.length + 1));
    },
    addFolder: (path) => void folders.add(path),
    sync(folder) {
      for (const path of folders) if (isIn(path, folder)) durableFolders.add(path);
      for (const path of [...durable.keys()])
        if (isIn(path, folder) && !current.has(path)) durable.delete(path);
      for (const [path, file] of current) if (isIn(path, folder)) durable.set(path, file);
    },
    losePower(keep, share) {
      for (const path of folders) if (!durableFolders.has(path) && keep.hit(share)) durableFolders.add(path);
      for (const [path, file] of current)
        if (durable.get(path) !== file && keep.hit(share)) durable.set(path, file);
      for (const path of [...durable.keys()]) if (!current.has(path) && keep.hit(share)) durable.delete(path);
      folders.clear();
      for (const path of durableFolders) folders.add(path);
      current.clear();
      for (const [path, file] of durable) {
        if (!folders.has(folderOf(path))) durable.delete(path);
        else current.set(path, file);
      }
      for (const file of new Set(current.values())) file.losePower(keep, share);
    },
    usedBytes: () => {
      let sum = 0;
      for (const file of current.values()) sum += file.lengthBytes();
      return sum;
    },
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
