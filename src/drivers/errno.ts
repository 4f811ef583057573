/** The system's name of an error (`ENOENT`, `ENOSPC`), null when it has none. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

const FAILING_DISK = new Set(["ENOSPC", "EDQUOT", "EIO"]);

/**
 * The code for a directory that cannot be used: on a disk that is full or fails, another path or other permissions would not
 * help.
 */
export function directoryCode(error: unknown): "TPC_LOG_WRITE" | "TPC_DATA_DIR" {
  return FAILING_DISK.has(errnoOf(error) ?? "") ? "TPC_LOG_WRITE" : "TPC_DATA_DIR";
}
