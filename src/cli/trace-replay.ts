import {
  type LinePlace,
  openTraceReading,
  type TraceReading,
  type TraceScan,
} from "../drivers/trace-reading.ts";
import { counted } from "../observe/figures.ts";
import { growing } from "../observe/replay/column.ts";
import { inHeardOrder } from "../observe/replay/heard-order.ts";
import { gatherReplay, type Replay, type ReplayGatherer } from "../observe/replay/replay.ts";
import { gatherSteps, type StepGatherer } from "../observe/replay/steps.ts";
import type { TraceHeader, TraceLine } from "../schema/trace.ts";

/** A trace whose beginning can be looked at while the rest of it is read. */
export interface OpenTrace {
  readonly header: TraceHeader;
  readonly replay: Replay;
  /** The whole of it has been read. Rejects as its scan does; what comes before the bad line can still be looked at. */
  readonly whole: Promise<TraceScan>;
  close(): void;
}

/** Lines that are read before a trace is open, so that a short one is whole by then. */
const OPENING_LINES_MIN = 4_000;
/** Lines after which it is, whatever they are. */
const OPENING_LINES_MAX = 20_000;

/**
 * Opens a trace: resolves once it is read to its first transaction, so that a run of any length opens at once. `onLine` hears
 * every line in the order of the replay. Rejects as `openTraceReading` does, and as its scan where that has ended before.
 */
export async function openTrace(
  path: string,
  onLine: (line: TraceLine) => void = () => {},
): Promise<OpenTrace> {
  const reading = openTraceReading(path);
  try {
    return await open(reading, onLine);
  } catch (error) {
    reading.close();
    throw error;
  }
}

interface Gathering {
  readonly header: TraceHeader;
  readonly steps: StepGatherer;
  readonly replay: ReplayGatherer;
}

async function open(reading: TraceReading, onLine: (line: TraceLine) => void): Promise<OpenTrace> {
  const places = createPlaces();
  const opened = Promise.withResolvers<Gathering>();
  const state: { gathering: Gathering | null } = { gathering: null };
  const order = inHeardOrder<LinePlace>((line, place) => {
    places.push(place);
    state.gathering?.steps.add(line);
    state.gathering?.replay.add(line);
    onLine(line);
  });
  const take = {
    header(header: TraceHeader) {
      const steps = gatherSteps(header.startedAtMs);
      const read = (from: number, to: number) => reading.lines(places.slice(from, to));
      state.gathering = { header, steps, replay: gatherReplay(steps.steps, read) };
    },
    line: order.add,
  };
  const onProgress = (share: number): void => {
    const { gathering } = state;
    if (gathering === null || share >= 1) return;
    gathering.replay.tell({ share, remark: null, isBroken: false });
    const { opening, count } = gathering.steps.steps;
    const read = places.count();
    const hasBegun = opening < count && read >= OPENING_LINES_MIN;
    if (hasBegun || read >= OPENING_LINES_MAX) opened.resolve(gathering);
  };
  const end = (remark: string | null, isBroken: boolean): void => {
    const { gathering } = state;
    order.finish();
    gathering?.steps.finish();
    gathering?.replay.tell({ share: 1, remark, isBroken });
    if (gathering !== null && !isBroken) opened.resolve(gathering);
  };
  const whole = reading.scan(take, onProgress).then(
    (scan) => {
      end(remarkOn(scan), false);
      return scan;
    },
    (error: unknown) => {
      end(error instanceof Error ? error.message : String(error), true);
      throw error;
    },
  );
  whole.catch(opened.reject);
  const { header, replay } = await opened.promise;
  return { header, replay: replay.replay, whole, close: reading.close };
}

/** What a reader of this trace should know about it. */
function remarkOn({ isCut, unknown }: TraceScan): string | null {
  const remarks = [
    ...(isCut ? ["the last line of the trace was cut off and is left out"] : []),
    ...(unknown === 0 ? [] : [`${counted(unknown, "line")} of a newer kind left out`]),
  ];
  return remarks.length === 0 ? null : remarks.join("; ");
}

/** Where each line stands, twelve bytes a line. */
function createPlaces() {
  const offsets = growing((size) => new Float64Array(size));
  const sizes = growing((size) => new Uint32Array(size));
  return {
    push({ offset, bytes }: LinePlace) {
      offsets.push(offset);
      sizes.push(bytes);
    },
    count: offsets.size,
    slice: (from: number, to: number): readonly LinePlace[] =>
      Array.from({ length: Math.max(0, Math.min(to, offsets.size()) - from) }, (_, index) => ({
        offset: offsets.at(from + index),
        bytes: sizes.at(from + index),
      })),
  };
}
