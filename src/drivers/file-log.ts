import { type LogHome, openLog } from "../log/open-log.ts";
import type { LogSettings, RunningLog } from "../log/running-log.ts";
import type { LogReader, Recovered } from "../runtime/ports.ts";
import { createClock } from "./clock.ts";
import { nodeFiles } from "./node-files.ts";

/** All but `onFatal` may be left out. */
export type FileLogOptions = Partial<LogSettings> &
  Pick<LogSettings, "onFatal"> & {
    /** The size of the disk that the log is on, in bytes; null or absent where it is not known, which counts as large. */
    readonly diskBytes?: number | null;
  };

const DEFAULTS = {
  idleMs: 250,
  files: nodeFiles,
  clock: createClock(),
  reach: () => undefined,
  warn: () => undefined,
} satisfies Partial<LogSettings>;

const MEBIBYTE = 1024 * 1024;
/** What is kept free for the work under way and for checkpoints: this many segments, and no less than so many bytes. */
const RESERVE_SEGMENTS = 4;
const RESERVE_BYTES_MIN = 16 * MEBIBYTE;

/** Opens the node's log on the files of this machine; promises and throws what `openLog` does. */
export function openFileLog(
  home: LogHome,
  { diskBytes = null, ...options }: FileLogOptions,
  reader: LogReader | null = null,
): Promise<{ log: RunningLog; recovered: Recovered }> {
  return openLog(home, { ...DEFAULTS, ...sizesFor(diskBytes, options.segmentBytesMax), ...options }, reader);
}

type Sizes = Pick<LogSettings, "segmentBytesMax" | "checkpointBytes" | "spaceReserveBytes">;

/**
 * Sizes that suit a disk of so many bytes, null where that is not known: on one of less than 512 MiB no more than an eighth is
 * kept free, and segments and checkpoints are smaller, so that the log itself does not fill it.
 */
export function sizesFor(diskBytes: number | null, segmentBytesGiven?: number): Sizes {
  const share = (parts: number): number => (diskBytes === null ? Infinity : Math.floor(diskBytes / parts));
  const segmentBytesMax = segmentBytesGiven ?? Math.min(16 * MEBIBYTE, share(32));
  const reserveBytes = Math.max(RESERVE_BYTES_MIN, RESERVE_SEGMENTS * segmentBytesMax);
  return {
    segmentBytesMax,
    checkpointBytes: Math.min(32 * MEBIBYTE, share(64)),
    spaceReserveBytes: Math.min(reserveBytes, share(8)),
  };
}
