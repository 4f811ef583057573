import { expect, test } from "vitest";
import type { StoredPage } from "../../src/core/packed-requests.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { NodeName, RequestId } from "../../src/schema/ids.ts";
import { connectedParticipant, prepareOf } from "./one-participant.ts";

// A participant drops the requests whose window is over while its load goes on, and uses the memory of their pages again.

const { requestWindowMs: WINDOW_MS } = DEFAULT_SETTINGS;
/** So long that few of them fill a page. */
const LONG = "d".repeat(255);
const REQUESTS_A_PAGE = 920;

function loadedParticipant() {
  /** Checkpoints that were asked for, and how each is said to be on disk. */
  const checkpoints: { readonly pages: readonly StoredPage[]; readonly written: () => void }[] = [];
  const { node, hear, clock } = connectedParticipant((log) => ({
    ...log,
    checkpoint: (_image, pages) =>
      new Promise((resolve) => checkpoints.push({ pages, written: () => resolve() })),
  }));
  let counter = 0;
  const commit = () => {
    counter += 1;
    hear({
      ...prepareOf(true, counter),
      requestId: `${LONG.slice(6)}${100_000 + counter}` as RequestId,
      digest: LONG,
      issuedAtMs: clock.wallMs(),
      operations: [{ participant: "warehouse" as NodeName, op: "receive", sku: "LAMP-01", quantity: 1 }],
      floor: { epoch: 1, counter },
    });
  };
  return {
    commit,
    clock,
    /** Commits as many requests as fill so many pages. */
    load(pages: number) {
      for (let left = pages * REQUESTS_A_PAGE; left > 0; left -= 1) commit();
    },
    checkpoint() {
      void node.checkpoint();
      const asked = checkpoints.at(-1);
      if (asked === undefined) throw new Error("no checkpoint was asked for");
      return asked;
    },
  };
}

test("pages whose window is over go one after another, with the turns of a second", () => {
  const { load, commit, clock, checkpoint } = loadedParticipant();
  load(5);
  expect(checkpoint().pages.length).toBe(5);
  clock.advance(WINDOW_MS + 1);
  for (let turns = 0; turns < 20; turns += 1) {
    clock.advance(50);
    commit();
  }
  expect(checkpoint().pages.length).toBe(1);
});

test("memory of pages that are gone is used again once no checkpoint can have them, and not before", async () => {
  const { load, commit, clock, checkpoint } = loadedParticipant();
  const memoryOf = (pages: readonly StoredPage[]) => pages.slice(1).map(({ bytes }) => bytes.buffer);
  /** Fills some pages at a time at which those before are over, and gives them to a checkpoint. */
  const next = () => {
    clock.advance(WINDOW_MS + 1);
    for (let turns = 0; turns < 5; turns += 1) {
      commit();
      clock.advance(50);
    }
    load(3.5);
    const asked = checkpoint();
    expect(asked.pages.length).toBe(4);
    const copies = asked.pages.map(({ bytes }) => bytes.slice());
    const isAsItWas = () =>
      asked.pages.every(({ bytes }, at) => Buffer.compare(bytes, copies[at] ?? bytes) === 0);
    return { ...asked, memory: memoryOf(asked.pages), isAsItWas };
  };
  const isNew = (memory: ArrayBufferLike, ...before: { readonly memory: readonly ArrayBufferLike[] }[]) =>
    before.every((each) => !each.memory.includes(memory));

  const first = next();
  const second = next();
  first.written();
  await Promise.resolve();
  const third = next();
  expect(
    second.memory.every((memory) => isNew(memory, first)),
    "while the first goes on",
  ).toBe(true);
  expect(
    third.memory.every((memory) => isNew(memory, first, second)),
    "while the second goes on",
  ).toBe(true);
  expect([first, second, third].map(({ isAsItWas }) => isAsItWas())).toEqual([true, true, true]);

  second.written();
  third.written();
  await new Promise(setImmediate);
  const fourth = next();
  expect(
    fourth.memory.every((memory) => !isNew(memory, first, second)),
    "when all are written",
  ).toBe(true);
  expect(new Set(fourth.memory).size).toBe(fourth.memory.length);
  expect(third.isAsItWas(), "what is not gone yet").toBe(true);
});
