import fc from "fast-check";
import { expect, test } from "vitest";
import { createQueue } from "../../src/runtime/queue.ts";

test("what is added first is taken first, whatever is added and taken in between", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 8 }), (turns) => {
      const queue = createQueue<{ readonly number: number }>();
      let added = 0;
      let taken = 0;
      let wrong = 0;
      for (const [turn, count] of turns.entries()) {
        for (let index = 0; index < count; index += 1) {
          if (turn % 2 === 0) queue.add({ number: added++ });
          else if (taken < added) {
            wrong += queue.first()?.number === taken && queue.take()?.number === taken ? 0 : 1;
            taken += 1;
          }
        }
      }
      wrong += queue.waiting().filter(({ number }, at) => number !== taken + at).length;
      wrong += queue.waiting().length === added - taken && queue.count() === added - taken ? 0 : 1;
      for (; taken < added; taken += 1) wrong += queue.take()?.number === taken ? 0 : 1;
      expect(wrong).toBe(0);
      expect([queue.first(), queue.take()]).toEqual([undefined, undefined]);
    }),
  );
});
