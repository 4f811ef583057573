/** What a key means where one of several choices is made and a list stands below it. */
export type Choosing = "next" | "previous" | "down" | "up" | "toggle" | "close" | "done";

const MEANINGS: Readonly<Record<string, Choosing>> = {
  right: "next",
  tab: "next",
  l: "next",
  left: "previous",
  "shift-tab": "previous",
  h: "previous",
  down: "down",
  j: "down",
  up: "up",
  k: "up",
  " ": "toggle",
  q: "close",
  enter: "done",
};

export function choosingOf(key: string): Choosing | null {
  return Object.hasOwn(MEANINGS, key) ? (MEANINGS[key] ?? null) : null;
}
