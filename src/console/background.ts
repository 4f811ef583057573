import type { InputReader } from "./filtered-input.ts";
import type { Shade } from "./theme-names.ts";

/** Asks a terminal for the colour of its background (OSC 11); one that does not know the question ignores it. */
export const ASK_BACKGROUND = "\u001b]11;?\u001b\\";

const ESC = "\u001b";
const part = "([0-9a-fA-F]{1,4})";
const answer = new RegExp(
  `\\u001b\\]11;rgba?:${part}/${part}/${part}[^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)`,
  "g",
);
const unfinished = /\u001b\](?:1(?:1(?:;[^\u0007\u001b]*\u001b?)?)?)?$/;

/** Takes the terminal's answer, whenever it comes, out of what it sends: as keys it would do anything. */
export function createBackgroundReader(onShade: (shade: Shade) => void): InputReader {
  let waiting = "";
  let endedInEsc = false;
  return {
    take(text) {
      // An Esc alone is a key and was passed on; what follows it in one piece can still be the answer's.
      const begun = waiting === "" && endedInEsc && text.startsWith("]11;") ? ESC : waiting;
      endedInEsc = text.endsWith(ESC);
      const rest = (begun + text).replace(answer, (_, red: string, green: string, blue: string) => {
        onShade(shadeOf([red, green, blue].map(shareOf)));
        return "";
      });
      waiting = unfinished.exec(rest)?.[0] ?? "";
      return waiting === "" ? rest : rest.slice(0, -waiting.length);
    },
  };
}

/** `ff` and `ffff` are all of a colour. */
function shareOf(hex: string): number {
  return Number.parseInt(hex, 16) / (16 ** hex.length - 1);
}

/** By how bright it looks, as ITU-R BT.709 weighs the colours. */
function shadeOf([red = 0, green = 0, blue = 0]: readonly number[]): Shade {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? "light" : "dark";
}
