import { type LogHome, openLog } from "../log/open-log.ts";
import type { LogSettings } from "../log/running-log.ts";
import type { Log, Recovered } from "../runtime/ports.ts";
import { createClock } from "./clock.ts";
import { nodeFiles } from "./node-files.ts";

/** All but `onFatal` may be left out. */
export type FileLogOptions = Partial<LogSettings> & Pick<LogSettings, "onFatal">;

const DEFAULTS = {
  segmentBytesMax: 16 * 1024 * 1024,
  checkpointBytes: 8 * 1024 * 1024,
  idleMs: 250,
  files: nodeFiles,
  clock: createClock(),
  reach: () => undefined,
  warn: () => undefined,
} satisfies Omit<LogSettings, "onFatal" | "spaceReserveBytes">;

/** What is kept free for the work under way and for checkpoints: this many segments, and no less than so many bytes. */
const RESERVE_SEGMENTS = 4;
const RESERVE_BYTES_MIN = 16 * 1024 * 1024;

/** Opens the node's log on the files of this machine; promises and throws what `openLog` does. */
export function openFileLog(
  home: LogHome,
  options: FileLogOptions,
): Promise<{ log: Log; recovered: Recovered }> {
  const segmentBytesMax = options.segmentBytesMax ?? DEFAULTS.segmentBytesMax;
  const spaceReserveBytes = Math.max(RESERVE_BYTES_MIN, RESERVE_SEGMENTS * segmentBytesMax);
  return openLog(home, { ...DEFAULTS, spaceReserveBytes, ...options });
}
