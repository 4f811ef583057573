import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOG_POINTS, type LogPoint } from "../../src/log/points.ts";
import type { Log } from "../../src/runtime/ports.ts";
import {
  createMemoryDisk,
  createSamplePages,
  createStillClock,
  type MemoryDisk,
  numbersIn,
  openLog,
  recoveredNumbers,
  sampleRecord,
  turn,
  watchCalls,
} from "./support.ts";

type Step =
  | { readonly do: "append"; readonly count: number; readonly force: boolean }
  | { readonly do: "turn" | "checkpoint" | "idle" };

/** One run: what it does, and where it is cut off: the n-th time that it gets to a point or makes any call on a file. */
interface Run {
  readonly steps: readonly Step[];
  readonly cut: { readonly point: LogPoint | "any-call"; readonly times: number };
  readonly loss: "process" | "power";
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      count: fc.integer({ min: 1, max: 4 }),
      force: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("checkpoint" as const, "idle" as const) }) },
);
const cut = fc.oneof(
  fc.record({ point: fc.constantFrom(...LOG_POINTS), times: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ point: fc.constant("any-call" as const), times: fc.integer({ min: 1, max: 120 }) }),
);
const run: fc.Arbitrary<Run> = fc.record({
  steps: fc.array(step, { maxLength: 14 }),
  cut,
  loss: fc.constantFrom("process" as const, "power" as const),
});

interface History {
  readonly disk: MemoryDisk;
  /** How many records are in the log, how many of them for certain, and the epoch of the last run. */
  readonly written: number;
  readonly epoch: number;
}

class Cut extends Error {}

/** Plays one run to its cut, loses what the loss takes, and checks what the next start finds. */
async function playRun(
  history: History,
  { steps, cut: { point, times }, loss }: Run,
  keep: () => boolean,
): Promise<History> {
  const { disk } = history;
  let left = times;
  let atCut: MemoryDisk | null = null;
  let appended = history.written;
  let acked = history.written;
  const clock = createStillClock();
  const lose = () => (loss === "process" ? disk.fork() : disk.afterPowerLoss(keep));
  const reach = (reached: LogPoint | "any-call") => {
    if (reached !== point || atCut !== null) return;
    left -= 1;
    if (left > 0) return;
    atCut = lose();
    throw new Cut();
  };
  let pages = createSamplePages();
  const play = async (log: Log) => {
    const seqs = new Map<number, number>();
    log.onForced((throughSeq) => {
      // What is reported after the cut is reported to nobody.
      if (atCut === null)
        for (const [seq, number] of seqs) if (seq <= throughSeq) acked = Math.max(acked, number);
    });
    for (const next of steps) {
      if (atCut !== null) return;
      if (next.do === "append") {
        for (let count = 0; count < next.count; count += 1) {
          appended += 1;
          seqs.set(log.append(sampleRecord(appended), next.force), appended);
          pages.add(appended, history.epoch);
        }
        log.flush(true);
      } else if (next.do === "checkpoint")
        void log.checkpoint({ numbers: appended }, pages.stored(), Math.max(0, ...seqs.keys()));
      else if (next.do === "idle") clock.fire();
      await turn();
    }
    await log.close();
    acked = appended;
  };
  try {
    const files = watchCalls(disk, () => reach("any-call"));
    const opened = await openLog(files, { segmentBytesMax: 400, clock, reach, onFatal: () => undefined });
    expect(opened.recovered.epoch).toBeGreaterThan(history.epoch);
    const { checkpoint } = opened.recovered;
    pages = createSamplePages(checkpoint?.pages);
    for (const number of recoveredNumbers(opened.recovered)) pages.add(number, history.epoch);
    await play(opened.log);
  } catch (error) {
    if (atCut === null) throw error;
  }
  const found = atCut ?? lose();
  const { log, recovered } = await openLog(found, { segmentBytesMax: 400 });
  const image = (recovered.checkpoint?.image ?? { numbers: 0 }) as { numbers: number };
  const numbers = recoveredNumbers(recovered);
  const paged = numbersIn(recovered.checkpoint?.pages ?? []);
  expect(paged).toEqual(Array.from({ length: image.numbers }, (_, index) => index + 1));
  const written = image.numbers + numbers.length;
  expect(numbers).toEqual(numbers.map((_, index) => image.numbers + index + 1));
  expect(written).toBeGreaterThanOrEqual(acked);
  expect(written).toBeLessThanOrEqual(appended);
  await log.close();
  return { disk: found, written, epoch: recovered.epoch };
}

describe("whatever is lost, and wherever, recovery finds a prefix that holds every acknowledged record", () => {
  test("over several runs, each cut off at any point by the loss of its process or of power", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        async (runs, sectors) => {
          let asked = 0;
          const keep = () => sectors[asked++ % sectors.length] ?? false;
          let history: History = { disk: createMemoryDisk(), written: 0, epoch: 0 };
          for (const next of runs) history = await playRun(history, next, keep);
        },
      ),
      { numRuns: 2500 },
    );
  }, 60_000);
});
