import type { LogFile, LogFiles } from "../log/files.ts";
import type { RunningLog } from "../log/running-log.ts";
import type { Log } from "../runtime/ports.ts";
import type { NodeFigures } from "../schema/views.ts";
import { nodeFiles } from "./node-files.ts";
import { createStalls } from "./stalls.ts";

/** Counts what a node spends, at the calls that spend it. */
export interface Meter {
  /** This machine's files, counted. */
  readonly files: LogFiles;
  /** The same log, counted. */
  log(log: RunningLog): Log;
  /** So many messages went to other nodes, in so many frames and bytes. */
  sent(messages: number, frames: number, bytes: number): void;
  /** Whoever asks for stalls has the loop looked at from then on, which wakes a process that rests. */
  figures(withStalls: boolean): NodeFigures;
}

export function createMeter(): Meter {
  let syncs = 0;
  const records = { recordsAppended: 0, recordsForced: 0 };
  const traffic = { messages: 0, frames: 0, bytesSent: 0 };
  const takeStall = createStalls();

  let appendedBytes = () => 0;

  const counted = (file: LogFile): LogFile => ({
    ...file,
    datasync() {
      syncs += 1;
      return file.datasync();
    },
  });

  return {
    files: {
      ...nodeFiles,
      create: async (path) => counted(await nodeFiles.create(path)),
      reopen: async (path) => counted(await nodeFiles.reopen(path)),
    },
    log(log) {
      appendedBytes = log.appendedBytes;
      return {
        ...log,
        append(record, force) {
          records.recordsAppended += 1;
          if (force) records.recordsForced += 1;
          return log.append(record, force);
        },
      };
    },
    sent(messages, frames, bytes) {
      traffic.messages += messages;
      traffic.frames += frames;
      traffic.bytesSent += bytes;
    },
    figures(withStalls) {
      const { user, system } = process.cpuUsage();
      const peakMemoryMiB = process.resourceUsage().maxRSS / 1_024;
      const memoryMiB = process.memoryUsage.rss() / 2 ** 20;
      return {
        ...records,
        syncs,
        bytesLogged: appendedBytes(),
        ...traffic,
        cpuMicroseconds: user + system,
        memoryMiB,
        peakMemoryMiB,
        stall: withStalls ? takeStall() : null,
      };
    },
  };
}
