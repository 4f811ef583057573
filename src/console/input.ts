import type { Key } from "ink";

/**
 * The keys of one call of Ink's `useInput`, by the names of the key table. What is typed fast, or pasted,
 * arrives as one text of several characters.
 */
export function keysOf(input: string, key: Key): readonly string[] {
  if (key.eventType === "release") return [];
  if (key.upArrow) return ["up"];
  if (key.downArrow) return ["down"];
  if (key.leftArrow) return ["left"];
  if (key.rightArrow) return ["right"];
  if (key.pageUp) return ["pageup"];
  if (key.pageDown) return ["pagedown"];
  if (key.home) return ["home"];
  if (key.end) return ["end"];
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  if (key.return) return ["enter"];
  if (key.escape) return ["escape"];
  if (key.backspace || key.delete) return ["backspace"];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input].flatMap((character) => controlName(character) ?? [character]);
}

function controlName(character: string): readonly string[] | undefined {
  if (character === "\r" || character === "\n") return ["enter"];
  if (character === "\t") return ["tab"];
  if (character === "\u007f" || character === "\b") return ["backspace"];
  if (character >= " ") return undefined;
  // The letter that makes this control character with Ctrl.
  const letter = String.fromCharCode(character.charCodeAt(0) + 0x60);
  return /[a-z]/.test(letter) ? [`ctrl-${letter}`] : [];
}
