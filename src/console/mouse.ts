import type { InputReader } from "./filtered-input.ts";

/** What a mouse did, at a column and a row counted from 0. */
export interface MouseEvent {
  readonly type: "press" | "wheel-up" | "wheel-down";
  readonly column: number;
  readonly row: number;
}

/** Presses and the wheel are told, in the form (SGR) that no size of a terminal breaks. */
export const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
export const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";

const sequence = /\u001b\[<(\d+);(\d+);(\d+)([Mm])/g;
const unfinished = /\u001b(?:\[(?:<[\d;]*)?)?$/;

/** Takes what a mouse did out of what a terminal sends. Ink drops it, and would take a half of it for typing. */
export function createMouseReader(onEvent: (event: MouseEvent) => void): InputReader {
  let waiting = "";
  return {
    take(text) {
      const whole = waiting + text;
      const rest = whole.replace(sequence, (_, button: string, column: string, row: string, end: string) => {
        const type = end === "M" ? TYPES[button] : undefined;
        if (type !== undefined) onEvent({ type, column: Number(column) - 1, row: Number(row) - 1 });
        return "";
      });
      // An Esc alone is a key: only what has begun to be a mouse's is held back.
      const tail = unfinished.exec(rest)?.[0] ?? "";
      waiting = tail.startsWith("\u001b[<") ? tail : "";
      return waiting === "" ? rest : rest.slice(0, -waiting.length);
    },
  };
}

const TYPES: Readonly<Record<string, MouseEvent["type"]>> = { 0: "press", 64: "wheel-up", 65: "wheel-down" };
