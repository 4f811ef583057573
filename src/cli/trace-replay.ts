import { openTraceReading, type TraceScan } from "../drivers/trace-reading.ts";
import { inHeardOrder } from "../observe/replay/heard-order.ts";
import { gatherReplay, type Replay } from "../observe/replay/replay.ts";
import { gatherSteps, type StepGatherer } from "../observe/replay/steps.ts";
import type { TraceLine } from "../schema/trace.ts";
import { createTally, type Tally } from "./trace-tally.ts";

/** A trace that has been read once, and can be looked at anywhere. */
export interface OpenTrace {
  readonly replay: Replay;
  readonly scan: TraceScan;
  readonly tally: Tally;
  close(): void;
}

/** Reads a trace. `onLine` hears every line in the order of the replay. Rejects as `openTraceReading` and its scan do. */
export async function openTrace(
  path: string,
  onProgress: (share: number) => void,
  onLine: (line: TraceLine) => void = () => {},
): Promise<OpenTrace> {
  const reading = openTraceReading(path);
  const places = createPlaces();
  const replay = gatherReplay();
  const tally = createTally();
  let steps: StepGatherer = gatherSteps(0);
  const order = inHeardOrder<{ offset: number; bytes: number }>((line, place) => {
    places.push(place.offset, place.bytes);
    steps.add(line);
    replay.add(line);
    tally.add(line);
    onLine(line);
  });
  try {
    const scan = await reading.scan(
      {
        header(header) {
          steps = gatherSteps(header.startedAtMs);
        },
        line: order.add,
      },
      onProgress,
    );
    order.finish();
    const read = (from: number, to: number) => reading.lines(places.slice(from, to));
    return { replay: replay.finish(steps.finish(), read), scan, tally, close: reading.close };
  } catch (error) {
    reading.close();
    throw error;
  }
}

/** Where each line stands, twelve bytes a line. */
function createPlaces() {
  let offsets = new Float64Array(1_024);
  let sizes = new Uint32Array(1_024);
  let count = 0;
  return {
    push(offset: number, bytes: number) {
      if (count === sizes.length) {
        const larger = { offsets: new Float64Array(count * 2), sizes: new Uint32Array(count * 2) };
        larger.offsets.set(offsets);
        larger.sizes.set(sizes);
        ({ offsets, sizes } = larger);
      }
      offsets[count] = offset;
      sizes[count] = bytes;
      count += 1;
    },
    slice: (from: number, to: number) =>
      Array.from({ length: Math.max(0, Math.min(to, count) - from) }, (_, index) => ({
        offset: offsets[from + index] ?? 0,
        bytes: sizes[from + index] ?? 0,
      })),
  };
}
