import { jsonPieces } from "../codec/json-pieces.ts";
import type { StoredPage } from "../core/packed-requests.ts";
import type { Clock } from "../runtime/ports.ts";
import { type LogFiles, syncNames } from "./files.ts";
import { type ReplaceStep, writeFrameFile } from "./frame-file.ts";
import type { GroupCommit } from "./group-commit.ts";
import { CHECKPOINT_FILE, IMAGE_FORMAT } from "./layout.ts";
import type { Mark } from "./mark.ts";
import { keepPages, type ListedPage } from "./pages.ts";
import type { Reach } from "./points.ts";
import { removeFiles } from "./recovery.ts";
import type { RunIdentity, Segments } from "./segments.ts";

/** Writes checkpoints, one after another, beside the commits that go on. */
export interface Checkpoints {
  /**
   * Takes the image and the pages that go with it, which must not change any more, and writes them bit by bit, of the pages those
   * that are not on disk already; `throughSeq` is the last seq they include. Resolves when all is on disk and what it covers is
   * gone. When the log has ended by an error, which its owner is told of elsewhere, it never settles.
   */
  take(image: unknown, pages: readonly StoredPage[], throughSeq: number): Promise<void>;
  isDue(): boolean;
  /** Resolves when no checkpoint is being written, or none will be. */
  settled(): Promise<void>;
}

export interface CheckpointContext {
  readonly files: LogFiles;
  readonly logPath: string;
  readonly run: RunIdentity;
  readonly commit: GroupCommit;
  readonly segments: Segments;
  readonly mark: Mark;
  readonly reach: Reach;
  /** How many bytes of log make a checkpoint worth its price; an image that is larger counts in its place. */
  readonly checkpointBytes: number;
  readonly clock: Pick<Clock, "schedule">;
  /** The pages of the checkpoint that was found. */
  readonly pages: readonly ListedPage[];
}

/** Characters of an image that are written in one go; between them the node does its other work. */
const PART_CHARS = 64 * 1024;

/** `imageBytes` is the size of the checkpoint that was found, `logBytes` that of the log after it. */
export function openCheckpoints(
  context: CheckpointContext,
  imageBytes: number,
  logBytes: number,
): Checkpoints {
  const { files, logPath, run, commit, segments, mark, reach } = context;
  let lastImageBytes = imageBytes;
  let bytesBefore = commit.appendedBytes() - logBytes;
  let unfinished = 0;
  let queue: Promise<void> = Promise.resolve();

  const pause = () => new Promise<void>((resolve) => void context.clock.schedule(0, resolve));

  const kept = keepPages(files, logPath, run, context.pages, reach, pause);

  const encode = async (image: unknown, pages: readonly ListedPage[]): Promise<readonly Uint8Array[]> => {
    const parts: Uint8Array[] = [];
    let text = "";
    for (const piece of jsonPieces({ format: IMAGE_FORMAT, pages, image: image ?? null })) {
      text += piece;
      if (text.length < PART_CHARS) continue;
      parts.push(Buffer.from(text, "utf8"));
      text = "";
      await pause();
      // Nobody wants the image of a log that has ended.
      const failure = commit.failure();
      if (failure !== null) throw failure;
    }
    parts.push(Buffer.from(text, "utf8"));
    return parts;
  };

  const write = async (image: unknown, pages: readonly StoredPage[], throughSeq: number): Promise<void> => {
    await commit.force(throughSeq);
    const listed = await kept.write(pages, throughSeq);
    if (pages.length > 0) {
      await syncNames(files, logPath);
      reach("pages-synced");
    }
    const payload = await encode(image, listed);
    lastImageBytes = payload.reduce((sum, part) => sum + part.length, 0);
    const header = {
      ...run,
      type: "checkpoint",
      segment: 0,
      seq: throughSeq,
      durableSeq: throughSeq,
    } as const;
    const reached = (step: ReplaceStep) => reach(`checkpoint-${step}`);
    await writeFrameFile(files, logPath, CHECKPOINT_FILE, header, payload, reached, pause);
    await mark.raise(commit.durableSeq());
    reach("checkpoint-marked");
    const failure = commit.failure();
    if (failure !== null) throw failure;
    await removeFiles(files, logPath, [...segments.takeCovered(throughSeq), ...kept.replace(listed)]);
    reach("checkpoint-deleted");
  };

  return {
    take: (image, pages, throughSeq) => {
      bytesBefore = commit.appendedBytes();
      unfinished += 1;
      const written = queue.then(() => write(image, pages, throughSeq));
      queue = written.catch((error: unknown) => {
        commit.fail(error);
      });
      return new Promise((resolve) => {
        const finish = () => {
          unfinished -= 1;
          resolve();
        };
        written.then(finish, () => undefined);
      });
    },
    isDue: () =>
      unfinished === 0 &&
      commit.failure() === null &&
      commit.appendedBytes() - bytesBefore >= Math.max(context.checkpointBytes, lastImageBytes),
    settled: () => queue,
  };
}
