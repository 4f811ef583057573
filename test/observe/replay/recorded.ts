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

/** A replay of lines in memory, and how many lines were read again each time. */
export function replayOf(lines: readonly TraceLine[]): { replay: Replay; reads: readonly number[] } {
  const replay = gatherReplay();
  const steps = gatherSteps(START_MS);
  for (const line of lines) {
    steps.add(line);
    replay.add(line);
  }
  const reads: number[] = [];
  const read = (from: number, to: number): readonly TraceLine[] => {
    reads.push(to - from);
    return lines.slice(from, to);
  };
  return { replay: replay.finish(steps.finish(), read), reads };
}
