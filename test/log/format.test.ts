import { beforeEach, describe, expect, test } from "vitest";
import { encodeFrame, readFrame } from "../../src/codec/frame.ts";
import type { TpcError } from "../../src/core/errors.ts";
import {
  appendForced,
  createMemoryDisk,
  createSamplePages,
  inFormatTwo,
  LOG_PATH,
  type MemoryDisk,
  openLog,
  recoveredNumbers,
  sampleRecord,
  withoutRoom,
} from "./support.ts";

// What another version of the program wrote is whole, only otherwise: it is neither cut off as torn nor called damaged, but
// refused in a line that names the formats, and nothing is changed.

let disk: MemoryDisk;
beforeEach(async () => {
  disk = createMemoryDisk();
  const { log } = await openLog(disk);
  const seq = await appendForced(log, [sampleRecord(1), sampleRecord(2)]);
  const pages = createSamplePages();
  pages.add(1, 0);
  await log.checkpoint({ kept: true }, pages.stored(), seq);
  await appendForced(log, [sampleRecord(3)]);
});

const pathOf = (start: string): string => {
  const name = disk.names().find((each) => each.startsWith(start));
  return `${LOG_PATH}/${name}`;
};

const reseal = (path: string, offset: number): void =>
  disk.put(path, inFormatTwo(disk.content(path), offset));

async function refusal(): Promise<string> {
  const before = disk.names().map((name) => [name, disk.content(`${LOG_PATH}/${name}`).slice()]);
  const error = await openLog(disk).then(
    () => null,
    (thrown: TpcError) => thrown,
  );
  expect(disk.names().map((name) => [name, disk.content(`${LOG_PATH}/${name}`)])).toEqual(before);
  return `${error?.code} ${error?.message}`;
}

describe("log format 2", () => {
  const text = "written in log format 2, and this version reads format 1";

  test.each([
    ["mark", `the mark was ${text}`],
    ["checkpoint", `the checkpoint was ${text}`],
    ["page", `the page was ${text}`],
    ["segment", text],
  ])("of the %s is refused by name", async (name, message) => {
    reseal(pathOf(name), 0);
    expect(await refusal()).toBe(`TPC_FORMAT ${pathOf(name)}: ${message}`);
  });

  test("of a log's last frame is no torn tail", async () => {
    const path = pathOf("segment");
    const view = new DataView(withoutRoom(disk.content(path)).slice().buffer);
    let last = 0;
    for (let frame = readFrame(view, 0); frame.valid && frame.end < view.byteLength; ) {
      last = frame.end;
      frame = readFrame(view, last);
    }
    reseal(path, last);
    expect(await refusal()).toBe(`TPC_FORMAT ${path}: ${text}`);
  });

  test("is not read out of a flipped bit", async () => {
    const path = pathOf("mark");
    const bytes = disk.content(path).slice();
    bytes[4] = 3;
    disk.put(path, bytes);
    expect(await refusal()).toMatch(/^TPC_LOG_CORRUPT .*checksum/);
  });
});

test("a checkpoint whose image has another format is refused by name", async () => {
  const path = pathOf("checkpoint");
  const bytes = disk.content(path);
  const frame = readFrame(new DataView(bytes.buffer, bytes.byteOffset), 0);
  if (!frame.valid) throw new Error(frame.problem);
  const payload = new TextEncoder().encode('{"format":7,"image":{}}');
  disk.put(path, encodeFrame(frame.header, payload));
  const text = "the checkpoint has image format 7, and this version reads formats 1 and 2";
  expect(await refusal()).toBe(`TPC_FORMAT ${path}: ${text}`);
});

test.each([
  ["format 1", '{"format":1,"image":{"kept":true}}'],
  ["no format, of the very first version", '{"image":{"kept":true}}'],
])("a checkpoint with %s opens, and has no pages", async (_, text) => {
  const path = pathOf("checkpoint");
  const bytes = disk.content(path);
  const frame = readFrame(new DataView(bytes.buffer, bytes.byteOffset), 0);
  if (!frame.valid) throw new Error(frame.problem);
  disk.put(path, encodeFrame(frame.header, new TextEncoder().encode(text)));
  const { recovered } = await openLog(disk);
  expect(recovered.checkpoint).toMatchObject({ image: { kept: true }, pages: [] });
  expect(recoveredNumbers(recovered)).toEqual([3]);
  expect(
    disk.names().filter((name) => name.startsWith("page-")),
    "what no checkpoint lists is removed",
  ).toEqual([]);
});

test("a checkpoint that does not say which pages it has is refused", async () => {
  const path = pathOf("checkpoint");
  const bytes = disk.content(path);
  const frame = readFrame(new DataView(bytes.buffer, bytes.byteOffset), 0);
  if (!frame.valid) throw new Error(frame.problem);
  disk.put(path, encodeFrame(frame.header, new TextEncoder().encode('{"format":2,"pages":[7],"image":{}}')));
  expect(await refusal()).toBe(
    `TPC_LOG_CORRUPT ${path} at byte 0, seq 5: the checkpoint does not say which pages it has`,
  );
});
