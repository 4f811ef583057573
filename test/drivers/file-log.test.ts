import { expect, test } from "vitest";
import { sizesFor } from "../../src/drivers/file-log.ts";

// What the log takes and keeps free suits the disk that it is on: a small one is not full from the start.

const MEBIBYTE = 2 ** 20;

test.each([
  ["large", 100_000, 16, 32, 64],
  ["of 512 MiB", 512, 16, 8, 64],
  ["of 64 MiB", 64, 2, 1, 8],
  ["of 8 MiB", 8, 0.25, 0.125, 1],
])("a disk that is %s", (_, disk, segment, checkpoint, reserve) => {
  expect(sizesFor(disk * MEBIBYTE)).toEqual({
    segmentBytesMax: segment * MEBIBYTE,
    checkpointBytes: checkpoint * MEBIBYTE,
    spaceReserveBytes: reserve * MEBIBYTE,
  });
});

test("a disk whose size is not known counts as large", () => {
  expect(sizesFor(null)).toEqual(sizesFor(100_000 * MEBIBYTE));
});

test("a segment size that was given is kept, and the reserve follows it as far as the disk allows", () => {
  expect(sizesFor(null, 64 * MEBIBYTE).spaceReserveBytes).toBe(256 * MEBIBYTE);
  expect(sizesFor(80 * MEBIBYTE, 64 * MEBIBYTE)).toMatchObject({
    segmentBytesMax: 64 * MEBIBYTE,
    spaceReserveBytes: 10 * MEBIBYTE,
  });
});
