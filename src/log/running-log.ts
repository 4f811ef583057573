import { invariant, type TpcError } from "../core/errors.ts";
import type { Clock, Log } from "../runtime/ports.ts";
import { openCheckpoints } from "./checkpoint.ts";
import type { LogFiles } from "./files.ts";
import { type GroupCommit, startGroupCommit } from "./group-commit.ts";
import { type Mark, openMark } from "./mark.ts";
import type { ListedPage } from "./pages.ts";
import type { Reach } from "./points.ts";
import { type KeptSegment, removeFiles } from "./recovery.ts";
import { openSegments, type RunIdentity } from "./segments.ts";
import { createSpaceWatch } from "./space.ts";

export interface LogSettings {
  /** Called once, at the first failing call on a file after the log was opened. The node must stop without another message. */
  readonly onFatal: (error: TpcError) => void;
  /** The size in bytes at which a new segment is begun; a single larger record still gets its segment. */
  readonly segmentBytesMax: number;
  /** Bytes of log after which a checkpoint is wanted. */
  readonly checkpointBytes: number;
  /** Free bytes on the disk below which new work is refused; 0 asks nothing. */
  readonly spaceReserveBytes: number;
  /** How long the log rests before it syncs what nobody waits for and raises its mark, in milliseconds. */
  readonly idleMs: number;
  readonly files: LogFiles;
  readonly clock: Pick<Clock, "nowMs" | "wallMs" | "schedule">;
  /** Called at named points; see `LOG_POINTS`. */
  readonly reach: Reach;
  /** One line for people, such as a sync that took long. */
  readonly warn: (text: string) => void;
}

/** The log of a node that runs. */
export interface RunningLog extends Log {
  /** The length of the frames appended so far, the log's own among them, in bytes. */
  appendedBytes(): number;
}

/** What a run begins from: the log as it was found and mended. */
export interface RunStart {
  readonly settings: LogSettings;
  readonly logPath: string;
  readonly run: RunIdentity;
  readonly kept: readonly KeptSegment[];
  readonly segmentNumberMax: number;
  /** The last seq that was found; it counts where no segment is kept. */
  readonly foundSeq: number;
  /** The size and the pages of the checkpoint that was found, and the size of the log after it. */
  readonly imageBytes: number;
  readonly pages: readonly ListedPage[];
  readonly logBytes: number;
}

/**
 * Claims the epoch, makes this run's first segment with its `run-start` in it, and resolves when that is on disk.
 * Throws TPC_LOG_WRITE.
 */
export async function startRun(start: RunStart): Promise<RunningLog> {
  const { settings, logPath, run, kept } = start;
  const { files, clock, reach } = settings;
  const startSeq = kept.at(-1)?.lastSeq ?? start.foundSeq;
  const mark = openMark(files, logPath, run);
  // The epoch is used up before anything carries it, so that no later run can take it again.
  await mark.raise(startSeq);
  reach("recovery-claimed");

  const segments = openSegments(files, logPath, run, start.segmentNumberMax, kept, settings, reach);
  const space = createSpaceWatch({ files, path: logPath, clock, reserveBytes: settings.spaceReserveBytes });
  let opened = false;
  const commit = startGroupCommit(
    {
      segments,
      mark,
      clock,
      reach,
      segmentBytesMax: settings.segmentBytesMax,
      warn: settings.warn,
      onIdle: () => rest.begin(),
      onFailure: (error) => {
        rest.end();
        space.end();
        if (opened) settings.onFatal(error);
      },
    },
    startSeq,
  );
  const rest = createRest(commit, mark, clock, settings.idleMs);
  const runStart = { type: "run-start", epoch: run.epoch, startedAtMs: clock.wallMs() } as const;
  const runStartSeq = commit.append(runStart, true);
  try {
    await commit.force(runStartSeq);
    await mark.raise(runStartSeq);
  } catch (error) {
    throw commit.fail(error);
  }

  // A disk that runs low gets back what is kept for later.
  space.onSpace(({ isLow }) => {
    removeFiles(files, logPath, segments.keepSpares(!isLow)).catch((error: unknown) => commit.fail(error));
  });

  const { imageBytes, logBytes, pages } = start;
  const { checkpointBytes } = settings;
  const context = { files, logPath, run, commit, segments, mark, reach, checkpointBytes, clock, pages };
  const checkpoints = openCheckpoints(context, imageBytes, logBytes);
  let appendedSeq: number | null = null;
  let closing = false;
  opened = true;
  await space.look();

  const shutDown = async (): Promise<void> => {
    await commit.force(commit.lastSeq());
    await checkpoints.settled();
    // Alone and last: where a shutdown frame stands, all before it was on disk.
    const shutdownSeq = commit.appendShutdown();
    await commit.force(shutdownSeq);
    reach("shutdown-forced");
    await mark.raise(shutdownSeq);
    await segments.close();
    reach("shutdown-marked");
  };

  const close = async (): Promise<void> => {
    invariant(!closing, "a log is closed once");
    closing = true;
    rest.end();
    space.end();
    try {
      await shutDown();
    } catch (error) {
      throw commit.fail(error);
    }
  };

  return {
    append: (record, force) => {
      invariant(!closing, "nothing is appended to a log that is being closed");
      appendedSeq = commit.append(record, force);
      return appendedSeq;
    },
    flush: (isAwaited) => {
      commit.flush(isAwaited);
      space.check(commit.appendedBytes());
    },
    appendedBytes: commit.appendedBytes,
    onForced: commit.onForced,
    onSpace: space.onSpace,
    wantsCheckpoint: () => !closing && checkpoints.isDue(),
    checkpoint: (image, pages, throughSeq) => {
      invariant(!closing, "no checkpoint of a log that is being closed");
      invariant(
        appendedSeq === null || throughSeq === appendedSeq,
        `a checkpoint includes every record (through ${throughSeq}, appended ${appendedSeq})`,
      );
      // Frames of the log's own that came after the record are included as well: they hold nothing of the node's.
      return checkpoints.take(image, pages, commit.lastSeq());
    },
    close,
  };
}

/** When nothing has been written for a while, what nobody waits for is synced, and the mark raised. */
function createRest(
  commit: GroupCommit,
  mark: Mark,
  clock: Pick<Clock, "schedule">,
  idleMs: number,
): { begin(): void; end(): void } {
  let cancel: (() => void) | null = null;
  let ended = false;
  const end = (): void => {
    cancel?.();
    cancel = null;
  };
  const settle = async (): Promise<void> => {
    cancel = null;
    try {
      await commit.force(commit.lastSeq());
      await mark.raise(commit.durableSeq());
    } catch (error) {
      commit.fail(error);
    }
  };
  return {
    begin: () => {
      end();
      if (!ended && mark.seq() < commit.lastSeq()) cancel = clock.schedule(idleMs, () => void settle());
    },
    end: () => {
      ended = true;
      end();
    },
  };
}
