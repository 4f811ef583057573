import { timeOfDay } from "../observe/figures.ts";
import { toldOneIn } from "../observe/tally.ts";
import type { View } from "./view.ts";

/** What a list lacks whose oldest line is so old: `1 in 16 shown`, or until when that was so; empty where it lacks nothing. */
export function gapsNote({ model }: View, oldestMs: number | null): string {
  const oneIn = toldOneIn(model);
  if (oneIn > 1) return `1 in ${oneIn} shown`;
  const { partlyUntilMs } = model;
  if (partlyUntilMs === null || oldestMs === null || oldestMs > partlyUntilMs) return "";
  return `not all until ${timeOfDay(partlyUntilMs)}`;
}
