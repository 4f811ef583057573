import { expect, test } from "vitest";
import type { Log } from "../../src/runtime/ports.ts";
import type { StoreId } from "../../src/schema/ids.ts";
import { connectedParticipant, FLOOR, prepareOf, transactionId } from "./one-participant.ts";

// Which records the log must write at once: those that somebody waits for. An ack alone makes nobody wait.

function watchedParticipant() {
  let appended: string[] = [];
  /** Records of each turn that had any, and whether the log was told that somebody waits for them. */
  const written: [boolean, string[]][] = [];
  const watched = (log: Log): Log => ({
    ...log,
    append(record, force) {
      appended.push(record.type);
      return log.append(record, force);
    },
    flush(isAwaited) {
      if (appended.length > 0) written.push([isAwaited, appended]);
      appended = [];
      log.flush(isAwaited);
    },
  });
  return { ...connectedParticipant(watched), written };
}

test("a vote waits for its record, an ack leaves its record time", () => {
  const { hear, said, written } = watchedParticipant();
  hear(prepareOf(false));
  const preparedAt = { storeId: "000000000001" as StoreId, epoch: 1, seq: 2 };
  hear({ type: "commit", transactionId: transactionId(1), runEpoch: 1, floor: FLOOR, preparedAt });
  expect(written).toEqual([
    [true, ["prepared"]],
    [false, ["committed"]],
  ]);
  expect(said).toEqual(["vote", "ack"]);
});

test("the client waits for the record of the only participant", () => {
  const { hear, said, written } = watchedParticipant();
  hear(prepareOf(true));
  expect(written).toEqual([[true, ["committed"]]]);
  expect(said).toEqual(["decided"]);
});
