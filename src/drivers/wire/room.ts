import { TpcError } from "../../core/errors.ts";
import { CONNECTIONS_MAX, DIALERS_MAX, SILENT_MAX, STRANGERS_MAX } from "./limits.ts";

/** How many connections of each kind a process has room for. */
export interface Room {
  /** Of every kind that others opened. */
  readonly connections: number;
  /** Of those, who has not sent a whole request yet. */
  readonly silent: number;
  /** Of those, who has not said a valid hello yet. */
  readonly strangers: number;
  /** Addresses that this node dials. */
  readonly dialled: number;
}

/** Kept back for the log, for a checkpoint beside it, and for what Node itself holds open. */
const OWN_FILES = 64;

/** What leaves room for a handful of peers and clients. */
const OPEN_FILES_MIN = 96;

/**
 * Shares out what a process may open, so that no crowd takes from the log the file it opens next: a log that cannot open its
 * next segment ends the process. Throws TPC_CONFIG where there is too little to share.
 */
export function roomFor(openFilesMax: number): Room {
  if (openFilesMax < OPEN_FILES_MIN) {
    throw new TpcError(
      "TPC_CONFIG",
      `this process may open ${openFilesMax} files, and a node takes at least ${OPEN_FILES_MIN} (ulimit -n)`,
    );
  }
  const half = Math.floor((openFilesMax - OWN_FILES) / 2);
  const connections = Math.min(CONNECTIONS_MAX, half);
  const unproven = Math.floor(connections / 4);
  return {
    connections,
    silent: Math.min(SILENT_MAX, unproven),
    strangers: Math.min(STRANGERS_MAX, unproven),
    dialled: Math.min(DIALERS_MAX, half),
  };
}

/** How many files this process may have open (RLIMIT_NOFILE, as Node has raised it at its start); Infinity without a limit. */
export function openFilesMax(): number {
  if (process.report === undefined) return Number.POSITIVE_INFINITY;
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = report.userLimits?.open_files?.soft;
  return typeof limit === "number" ? limit : Number.POSITIVE_INFINITY;
}
