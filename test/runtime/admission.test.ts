import { expect, test } from "vitest";
import { createAdmission } from "../../src/runtime/admission.ts";
import { createTestClock } from "./fixtures.ts";

// Requests are taken up together while others are under way, and none waits for long.

type Begin = Parameters<ReturnType<typeof createAdmission>["add"]>[0];

const begin = (name: string) => ({ type: "begin-received", request: { requestId: name } }) as Begin;
const FEW = 8;
const WAIT_MS = 4;

/** An admission, and turns in which as many are taken up as it lets in. */
function admissionOf() {
  const clock = createTestClock();
  const turns: string[][] = [];
  let underWay = 0;
  let answers = 0;
  let isWoken = false;
  const turn = () => {
    isWoken = false;
    const taken: string[] = [];
    for (let next = admission.take(); next; next = admission.take()) taken.push(next.request.requestId);
    if (taken.length > 0) turns.push(taken);
    underWay += taken.length - answers;
    admission.turnEnded(answers, underWay);
    answers = 0;
  };
  const admission = createAdmission({ atOnceMax: FEW, togetherMs: WAIT_MS }, clock, () => {
    if (isWoken) return;
    isWoken = true;
    clock.defer(turn);
  });
  const arrive = (...names: readonly string[]) => {
    for (const name of names) admission.add(begin(name));
    clock.run();
  };
  const answer = (count: number) => {
    answers = count;
    turn();
    clock.run();
  };
  const wait = (milliseconds: number) => {
    clock.advance(milliseconds);
    clock.run();
  };
  /** So many are under way, and some were taken up a moment ago. */
  const load = (count: number) => {
    arrive(...Array.from({ length: count }, (_, at) => `load-${at}`));
    turns.length = 0;
  };
  return { turns, arrive, answer, wait, load, turn, stop: admission.stop, scheduled: clock.scheduled };
}

test("while few are under way each is taken up at once", () => {
  const { turns, arrive, scheduled } = admissionOf();
  for (let each = 0; each < FEW; each += 1) arrive(`r${each}`);
  expect(turns).toHaveLength(FEW);
  expect(scheduled()).toEqual([]);
});

test("those that arrive together are taken up together, however many are under way", () => {
  const { turns, arrive } = admissionOf();
  const names = Array.from({ length: 99 }, (_, at) => `r${at}`);
  arrive(...names);
  expect(turns).toEqual([names]);
});

test("those that arrive one by one while others are under way wait for an answer, and go together", () => {
  const { turns, arrive, answer, load, scheduled } = admissionOf();
  load(FEW + 9);
  arrive("a");
  arrive("b");
  arrive("c");
  expect(turns).toEqual([]);
  answer(1);
  expect(turns).toEqual([["a", "b", "c"]]);
  expect(scheduled()).toEqual([WAIT_MS]);
});

test("without an answer they wait a moment", () => {
  const { turns, arrive, wait, load } = admissionOf();
  load(FEW + 9);
  wait(WAIT_MS - 1);
  arrive("a");
  expect(turns).toEqual([]);
  wait(1);
  expect(turns).toEqual([["a"]]);
});

test("who comes a moment after the others did waits for nothing", () => {
  const { turns, arrive, wait, load } = admissionOf();
  load(FEW + 9);
  wait(WAIT_MS);
  arrive("a");
  expect(turns).toEqual([["a"]]);
});

test("turns in which nobody is taken up change nothing", () => {
  const { turns, arrive, wait, load, turn } = admissionOf();
  load(FEW + 9);
  arrive("a");
  turn();
  turn();
  expect(turns).toEqual([]);
  wait(WAIT_MS);
  turn();
  expect(turns).toEqual([["a"]]);
});

test("when few are left under way those that wait are taken up", () => {
  const { turns, arrive, answer, load } = admissionOf();
  load(FEW + 1);
  arrive("a");
  answer(1);
  expect(turns).toEqual([["a"]]);
  arrive("b");
  expect(turns).toEqual([["a"]]);
});

test("what is stopped keeps no timer", () => {
  const { load, stop, scheduled } = admissionOf();
  load(FEW + 9);
  expect(scheduled()).toHaveLength(1);
  stop();
  expect(scheduled()).toEqual([]);
});
