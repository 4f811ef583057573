import { describe, expect, test } from "vitest";
import { behindText, heldLocks } from "../../src/observe/locks.ts";
import type { RequestId } from "../../src/schema/ids.ts";
import { reservedBy, tellCoordinatorDown, tellRefusedForLock } from "../console/doubt-story.ts";
import { COORDINATOR, type Ending, type Story, transactionId } from "../console/story.ts";
import { only, told } from "./told.ts";

// What a transaction keeps from others, and who waits for it.

test("locks are what preparing has put aside", () => {
  expect(heldLocks(only(told("prepared"))).map((lock) => lock.text)).toEqual([
    "LAMP-01 2 reserved",
    "alice 49.80 debit pending",
  ]);
  expect(heldLocks(only(told("committed")))).toEqual([]);
});

describe("who waits behind a lock: refused for what this transaction holds, and to be tried again", () => {
  const behind = (after: (story: Story) => void, ending: Ending = "prepared") => {
    const model = told(ending, after);
    return behindText(model, only(model));
  };
  const again = (story: Story, requestId: string, holder: number | null): void => {
    const reason = holder === null ? {} : { reason: reservedBy(transactionId(holder)) };
    story.tell(COORDINATOR, null, {
      type: "retry-scheduled",
      requestId,
      attempt: 2,
      delayMs: 100,
      ...reason,
    });
  };
  const ORDER_2 = "1 request: order-2 for LAMP-01 (attempt 2)";

  test("its coordinator has said so, and names who holds the row", () => {
    expect(behind((story) => again(story, "order-2", 1))).toBe(ORDER_2);
  });

  test("not who was refused and is not tried again, who waits for another, or for what was not told", () => {
    const nobody = "nobody that is known here";
    expect(behind((story) => tellRefusedForLock(story, 2))).toBe(nobody);
    expect(behind((story) => again(story, "order-2", 7))).toBe(nobody);
    expect(behind((story) => again(story, "order-2", null))).toBe(nobody);
  });

  test("nobody any more, once its coordinator is gone", () => {
    const crashed = (story: Story): void => {
      again(story, "order-2", 1);
      tellCoordinatorDown(story);
    };
    expect(behind(crashed)).toBe("nobody that is known here");
  });

  test("nothing is said of what keeps nothing from anybody", () => {
    expect(behind((story) => again(story, "order-2", 1), "committed")).toBe("");
  });

  test("who asks only now hears it from the node, which does not repeat what is over", () => {
    const snapshot = (story: Story, requestIds: readonly string[]): void => {
      const retries = requestIds.map((requestId) => ({
        requestId: requestId as RequestId,
        attempt: 2,
        withinMs: 80,
        reason: reservedBy(transactionId(1)),
      }));
      story.snapshot(COORDINATOR, {}, retries);
    };
    expect(behind((story) => snapshot(story, ["order-2"]))).toBe(ORDER_2);
    const over = (story: Story): void => {
      again(story, "order-3", 1);
      snapshot(story, ["order-2"]);
    };
    expect(behind(over)).toBe(ORDER_2);
  });
});
