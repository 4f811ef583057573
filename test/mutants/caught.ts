import caught from "./caught.json" with { type: "json" };
import type { CaughtBy } from "./everybody.ts";

/** Who has caught each mutant, by the last report that it was in. */
export const CAUGHT: Readonly<Record<string, CaughtBy>> = caught;
