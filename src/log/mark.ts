import type { LogFiles } from "./files.ts";
import { writeFrameFile } from "./frame-file.ts";
import { MARK_FILE } from "./layout.ts";
import type { RunIdentity } from "./segments.ts";

/**
 * The side file that says up to which seq the log is on disk for certain, and which epoch was used last.
 * It is what tells a log that lost its end from one that never was longer.
 */
export interface Mark {
  /** Resolves when the mark stands at `seq` or beyond. It never goes back; calls are done one after another. */
  raise(seq: number): Promise<void>;
  /** The seq that the file holds. */
  seq(): number;
}

/** The first `raise` always writes, and claims the epoch by it. `raise` throws TPC_LOG_WRITE. */
export function openMark(files: LogFiles, logPath: string, run: RunIdentity): Mark {
  let markedSeq = 0;
  let claimed = false;
  let queue: Promise<void> = Promise.resolve();

  const write = async (seq: number): Promise<void> => {
    if (claimed && seq <= markedSeq) return;
    const to = Math.max(seq, markedSeq);
    const header = { ...run, type: "mark", segment: 0, seq: to, durableSeq: to } as const;
    await writeFrameFile(
      files,
      logPath,
      MARK_FILE,
      header,
      [],
      () => undefined,
      async () => {},
    );
    markedSeq = to;
    claimed = true;
  };

  return {
    raise: (seq) => {
      const next = queue.then(() => write(seq));
      // A failure stays in the queue: whoever comes after it fails as well.
      queue = next;
      return next;
    },
    seq: () => markedSeq,
  };
}
