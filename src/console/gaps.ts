import { timeOfDay } from "../observe/figures.ts";
import type { Untold } from "../observe/model.ts";
import { toldOneIn } from "../observe/tally.ts";
import type { View } from "./view.ts";

/** What a list lacks whose oldest line is so old: `1 in 16 shown`, or until when that was so; empty where it lacks nothing. */
export function gapsNote({ model }: View, of: keyof Untold, oldestMs: number | null): string {
  const oneIn = toldOneIn(model);
  if (oneIn > 1) return `1 in ${oneIn} shown`;
  const untilMs = model.untold[of];
  if (untilMs === null || oldestMs === null || oldestMs > untilMs) return "";
  return `not all until ${timeOfDay(untilMs)}`;
}
