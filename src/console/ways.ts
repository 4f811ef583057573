import type { Explanation } from "../observe/why.ts";
import { keyed, keyNote } from "./keymap.ts";
import type { View } from "./view.ts";

/** The safe way, with the key that goes it where there is one. */
export function safeWay(view: View, { safe, unsafe, resolutions }: Explanation): string {
  const { bindings } = view.ui;
  if (view.readOnly) return safe;
  if (safe.startsWith("let the next ")) return keyed(bindings, ["step", "hold"], safe);
  if (unsafe === null && resolutions.length > 0) return `${safe}${keyNote(bindings, "resolve")}`;
  if (view.hasControl && safe.startsWith("restart ")) return keyed(bindings, ["restart"], safe);
  if (safe.startsWith("heal ")) return keyed(bindings, ["partition"], safe);
  return view.hasControl && / go on\b/.test(safe) ? keyed(bindings, ["fault"], safe) : safe;
}

/** The way that may break atomicity, with its key; empty where there is none. */
export function unsafeWay(view: View, { unsafe }: Explanation): string {
  if (unsafe === null || view.readOnly) return unsafe ?? "";
  return keyed(view.ui.bindings, ["resolve"], unsafe);
}
