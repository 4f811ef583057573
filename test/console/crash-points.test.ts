import { expect, test } from "vitest";
import { pointWords } from "../../src/console/crash-points.ts";

test("when a point is reached is said in a sentence", () => {
  expect(pointWords("send-ack")).toBe("an ack is about to be sent");
  expect(pointWords("sent-commit")).toBe("a commit has left");
  expect(pointWords("receive-abort")).toBe("an abort has arrived, nothing is done about it yet");
  expect(pointWords("forced-prepared")).toBe("the record prepared is on disk, and nobody knows yet");
});
