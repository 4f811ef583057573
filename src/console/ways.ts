import type { Explanation } from "../observe/why.ts";
import type { View } from "./view.ts";

/** The safe way, with the key that goes it where there is one. */
export function safeWay(view: View, { safe, unsafe, resolutions }: Explanation): string {
  if (safe.startsWith("let the next ")) return `} or o: ${safe}`;
  if (unsafe === null && resolutions.length > 0) return `${safe} (R)`;
  const canRestart = view.hasControl && !view.readOnly && safe.startsWith("restart ");
  return canRestart ? `r: ${safe}` : safe;
}

/** The way that may break atomicity; empty where there is none. */
export function unsafeWay({ unsafe }: Explanation): string {
  return unsafe === null ? "" : `R: ${unsafe}`;
}
