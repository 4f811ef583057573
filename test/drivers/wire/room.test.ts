import { expect, test } from "vitest";
import { CONNECTIONS_MAX, DIALERS_MAX, SILENT_MAX, STRANGERS_MAX } from "../../../src/drivers/wire/limits.ts";
import { openFilesMax, roomFor } from "../../../src/drivers/wire/room.ts";

test("where files are plenty, the limits are the program's own", () => {
  expect(roomFor(Number.POSITIVE_INFINITY)).toEqual({
    connections: CONNECTIONS_MAX,
    silent: SILENT_MAX,
    strangers: STRANGERS_MAX,
    dialled: DIALERS_MAX,
  });
});

test.each([96, 128, 256, 1_024, 4_096])(
  "of %i files enough are left for the log, and for those who have the token",
  (files) => {
    const { connections, silent, strangers, dialled } = roomFor(files);
    expect(files - connections - dialled).toBeGreaterThanOrEqual(64);
    expect(silent).toBeGreaterThan(0);
    expect(connections - silent - strangers).toBeGreaterThanOrEqual(connections / 2);
  },
);

test("with too few the node does not start, and says what to raise", () => {
  expect(() => roomFor(95)).toThrow("may open 95 files, and a node takes at least 96 (ulimit -n)");
});

test("this process knows its own limit", () => {
  expect(openFilesMax()).toBeGreaterThanOrEqual(96);
});
