/** The system's name of an error (`ENOENT`, `ENOSPC`), null when it has none. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

const FAILING_DISK = new Set(["ENOSPC", "EDQUOT", "EIO"]);

/** True where the disk is full or fails, so that another path or other permissions would not help. */
export function isFailingDisk(error: unknown): boolean {
  return FAILING_DISK.has(errnoOf(error) ?? "");
}
