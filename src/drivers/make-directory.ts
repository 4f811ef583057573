import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./errno.ts";

/**
 * Makes a directory (mode 0700) where there is none, its missing parents too. Throws what the system says, or that
 * the path is no directory. Node's own recursive `mkdir` never returns on a file system that answers ENOENT although
 * the parent is there, as /proc does.
 */
export function makeDirectory(path: string): void {
  if (makeOne(path)) return;
  makeDirectory(dirname(path));
  if (!makeOne(path)) throw new Error(`${path} cannot be made: its parent is gone again`);
}

/** False when the parent is missing. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" && !existsSync(dirname(path))) return false;
    if (errno !== "EEXIST") throw error;
    if (!statSync(path).isDirectory()) throw new Error("it is not a directory");
    return true;
  }
}
