import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the files in a directory and below take, in bytes. Files come and go while a node runs: what is gone takes no room. */
export async function directoryBytes(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
