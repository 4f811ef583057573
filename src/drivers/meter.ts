import { basename } from "node:path";
import type { LogFile, LogFiles } from "../log/files.ts";
import { segmentsAmong } from "../log/layout.ts";
import type { Log } from "../runtime/ports.ts";
import type { NodeFigures } from "../schema/views.ts";
import { nodeFiles } from "./node-files.ts";
import { createStalls } from "./stalls.ts";

/** Counts what a node spends, at the calls that spend it. */
export interface Meter {
  /** This machine's files, counted. */
  readonly files: LogFiles;
  /** The same log, counted. */
  log(log: Log): Log;
  /** So many messages went to other nodes, in so many frames and bytes. */
  sent(messages: number, frames: number, bytes: number): void;
  figures(): NodeFigures;
}

export function createMeter(): Meter {
  const counts = { syncs: 0, bytesLogged: 0 };
  const records = { recordsAppended: 0, recordsForced: 0 };
  const traffic = { messages: 0, frames: 0, bytesSent: 0 };
  const takeStall = createStalls();

  const countFile = (file: LogFile, isSegment: boolean): LogFile => ({
    async write(bytes, position) {
      const taken = await file.write(bytes, position);
      if (isSegment) counts.bytesLogged += taken;
      return taken;
    },
    datasync() {
      counts.syncs += 1;
      return file.datasync();
    },
    close: () => file.close(),
  });

  return {
    files: {
      ...nodeFiles,
      create: async (path) =>
        countFile(await nodeFiles.create(path), segmentsAmong([basename(path)]).length > 0),
    },
    log: (log) => ({
      ...log,
      append(record, force) {
        records.recordsAppended += 1;
        if (force) records.recordsForced += 1;
        return log.append(record, force);
      },
    }),
    sent(messages, frames, bytes) {
      traffic.messages += messages;
      traffic.frames += frames;
      traffic.bytesSent += bytes;
    },
    figures() {
      const { user, system } = process.cpuUsage();
      const peakMemoryMiB = process.resourceUsage().maxRSS / 1_024;
      const memoryMiB = process.memoryUsage.rss() / 2 ** 20;
      const stall = takeStall();
      return {
        ...records,
        ...counts,
        ...traffic,
        cpuMicroseconds: user + system,
        memoryMiB,
        peakMemoryMiB,
        longestStallMs: stall.clockMs,
        longestStallCpuMs: stall.cpuMs,
      };
    },
  };
}
