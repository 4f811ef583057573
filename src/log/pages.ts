import { join } from "node:path";
import type { StoredPage } from "../core/packed-requests.ts";
import type { LogFiles } from "./files.ts";
import { createFrameFile, type FrameFile, readFrameFile } from "./frame-file.ts";
import { pageFileName } from "./layout.ts";
import type { Reach } from "./points.ts";
import type { RunIdentity } from "./segments.ts";

/** A page as a checkpoint lists it: what its file must be. */
export interface ListedPage {
  readonly number: number;
  /** The length of its content. */
  readonly bytes: number;
  /** The checksum of its frame. */
  readonly checksum: number;
}

/** What reading the pages of a checkpoint gives; `file` is the one that is damaged, missing, or another. */
export type PagesReading =
  | { readonly pages: readonly StoredPage[] }
  | { readonly file: string; readonly problem: string; readonly isOtherFormat: boolean };

export async function readPages(
  files: LogFiles,
  logPath: string,
  store: number,
  listed: readonly ListedPage[],
): Promise<PagesReading> {
  const pages: StoredPage[] = [];
  for (const page of listed) {
    const file = pageFileName(page);
    const found = await readFrameFile(files, join(logPath, file), "page", store);
    if (found.found === "damage") {
      return { file, problem: found.message, isOtherFormat: found.isOtherFormat };
    }
    if (found.found === "nothing") {
      return { file, problem: "a page of the checkpoint is missing", isOtherFormat: false };
    }
    if (!isListed(found, page)) {
      return { file, problem: "this is not the page that the checkpoint lists", isOtherFormat: false };
    }
    pages.push({ number: page.number, bytes: found.payload });
  }
  return { pages };
}

function isListed(
  { header, payload, checksum }: Extract<FrameFile, { found: "frame" }>,
  page: ListedPage,
): boolean {
  return header.segment === page.number && payload.length === page.bytes && checksum === page.checksum;
}

/** The pages of the newest checkpoint on disk. */
export interface KeptPages {
  /**
   * Puts pages on disk that are not there yet, one after another. They count from when a checkpoint lists them.
   * Throws TPC_LOG_WRITE.
   */
  write(pages: readonly StoredPage[], throughSeq: number): Promise<readonly ListedPage[]>;
  /** A checkpoint that lists these is on disk. Returns the names of the files that nobody needs any more. */
  replace(listed: readonly ListedPage[]): readonly string[];
}

/** Bytes of pages after which the node does its other work. */
const STEP_BYTES = 256 * 1024;

export function keepPages(
  files: LogFiles,
  logPath: string,
  run: RunIdentity,
  found: readonly ListedPage[],
  reach: Reach,
  pause: () => Promise<void>,
): KeptPages {
  let kept: ReadonlyMap<string, ListedPage> = byName(found);

  const write = async (pages: readonly StoredPage[], throughSeq: number): Promise<readonly ListedPage[]> => {
    const listed: ListedPage[] = [];
    let unpaused = 0;
    for (const { number, bytes } of pages) {
      const name = pageFileName({ number, bytes: bytes.length });
      const before = kept.get(name);
      if (before !== undefined) {
        listed.push(before);
        continue;
      }
      const place = { type: "page", segment: number, seq: throughSeq, durableSeq: throughSeq } as const;
      const reached = (step: "written" | "forced") => reach(`page-${step}`);
      const checksum = await createFrameFile(files, logPath, name, { ...run, ...place }, bytes, reached);
      listed.push({ number, bytes: bytes.length, checksum });
      unpaused += bytes.length;
      if (unpaused < STEP_BYTES) continue;
      unpaused = 0;
      await pause();
    }
    return listed;
  };

  return {
    write,
    replace: (listed) => {
      const before = kept;
      kept = byName(listed);
      return [...before.keys()].filter((name) => !kept.has(name));
    },
  };
}

function byName(pages: readonly ListedPage[]): ReadonlyMap<string, ListedPage> {
  return new Map(pages.map((page) => [pageFileName(page), page]));
}
