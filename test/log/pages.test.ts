import { expect, test } from "vitest";
import type { LogFiles } from "../../src/log/files.ts";
import type { LogPoint } from "../../src/log/points.ts";
import {
  appendForced,
  createMemoryDisk,
  createSamplePages,
  LOG_PATH,
  numbersIn,
  openLog,
  sampleRecord,
} from "./support.ts";

// A checkpoint stores what only grows in pages of their own, and writes of them what is not on disk already.

function watchCreated(files: LogFiles): { readonly files: LogFiles; readonly created: string[] } {
  const created: string[] = [];
  const create: LogFiles["create"] = (path) => {
    created.push(path.slice(LOG_PATH.length + 1));
    return files.create(path);
  };
  return { files: { ...files, create }, created };
}

test("a page is written once, and again when it has grown; what it was before is deleted", async () => {
  const disk = createMemoryDisk();
  const { files, created } = watchCreated(disk);
  const { log } = await openLog(files);
  const pages = createSamplePages();
  const checkpoint = async (number: number): Promise<readonly string[]> => {
    created.length = 0;
    pages.add(number, 0);
    await log.checkpoint({}, pages.stored(), await appendForced(log, [sampleRecord(number)]));
    return created.filter((name) => name.startsWith("page-"));
  };
  expect(await checkpoint(1)).toEqual(["page-00000001-00000002"]);
  expect(await checkpoint(2)).toEqual(["page-00000001-00000004"]);
  expect(await checkpoint(3)).toEqual(["page-00000001-00000006"]);
  expect(await checkpoint(4)).toEqual(["page-00000002-00000002"]);
  const kept = () => disk.names().filter((name) => name.startsWith("page-"));
  expect(kept()).toEqual(["page-00000001-00000006", "page-00000002-00000002"]);
  await log.close();

  // Also by a run that found them.
  const next = watchCreated(disk);
  const second = await openLog(next.files);
  expect(numbersIn(second.recovered.checkpoint?.pages ?? [])).toEqual([1, 2, 3, 4]);
  next.created.length = 0;
  await second.log.checkpoint({}, pages.stored(), 0);
  expect(next.created.filter((name) => name.startsWith("page-"))).toEqual([]);
  await second.log.checkpoint({}, [], 0);
  expect(kept()).toEqual([]);
});

test("pages of a checkpoint that was never finished are removed, and their names can be used again", async () => {
  const disk = createMemoryDisk();
  const pagesBy = (mark: number) => {
    const pages = createSamplePages();
    pages.add(1, mark);
    return pages.stored();
  };
  let left = createMemoryDisk();
  const reach = (point: LogPoint) => {
    if (point === "pages-synced") left = disk.fork();
  };
  const { log } = await openLog(disk, { reach });
  await log.checkpoint({}, pagesBy(1), await appendForced(log, [sampleRecord(1)]));
  const name = "page-00000001-00000002";
  expect(left.names()).toContain(name);
  expect(left.names()).not.toContain("checkpoint");

  const second = await openLog(left);
  expect(second.recovered.checkpoint).toBeNull();
  expect(left.names()).not.toContain(name);
  await second.log.checkpoint({}, pagesBy(2), 0);
  await second.log.close();
  const { recovered } = await openLog(left);
  expect(recovered.checkpoint?.pages).toEqual(pagesBy(2));
});
