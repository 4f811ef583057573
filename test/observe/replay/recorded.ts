import { gatherReplay, type Replay } from "../../../src/observe/replay/replay.ts";
import { gatherSteps } from "../../../src/observe/replay/steps.ts";
import { traceLinesOf } from "../../../src/observe/trace.ts";
import type { TraceLine } from "../../../src/schema/trace.ts";
import { createStory, START_MS, type Story } from "../../console/story.ts";

/** What is written down of a story. */
export function record(tell: (story: Story) => void): readonly TraceLine[] {
  const story = createStory();
  const lines: TraceLine[] = [];
  story.watcher.subscribe((update) => lines.push(...traceLinesOf(update, story.nowMs())));
  story.begin();
  tell(story);
  return lines;
}

/** A replay of lines in memory, how many lines were read again each time, and what tells it of more. */
export function replayOf(lines: readonly TraceLine[]): { replay: Replay; reads: readonly number[] } {
  const { replay, reads, add } = growingReplay();
  add(lines, 1);
  return { replay, reads };
}

/** A replay of a trace that is still being read. */
export function growingReplay() {
  const steps = gatherSteps(START_MS);
  const reads: number[] = [];
  const all: TraceLine[] = [];
  const gatherer = gatherReplay(steps.steps, (from, to) => {
    reads.push(to - from);
    return all.slice(from, to);
  });
  return {
    replay: gatherer.replay,
    reads: reads as readonly number[],
    /** What comes next cannot be read. */
    breakOff(remark: string): void {
      steps.finish();
      gatherer.tell({ share: 1, remark, isBroken: true });
    },
    /** More is read, and how much that is of the whole. */
    add(lines: readonly TraceLine[], share: number): void {
      for (const line of lines) {
        all.push(line);
        steps.add(line);
        gatherer.add(line);
      }
      if (share >= 1) steps.finish();
      gatherer.tell({ share, remark: null, isBroken: false });
    },
  };
}
