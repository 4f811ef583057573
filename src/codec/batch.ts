/** Messages in one frame at most. */
export const MESSAGES_MAX = 4096;

/** The bytes of a string in UTF-8; a surrogate without its other half counts as the three of U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (isPair(code, text.charCodeAt(at + 1))) {
      bytes += 2;
      at += 1;
    } else bytes += 2;
  }
  return bytes;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

/** Frames of messages that are encoded already, each of which fits into one: in order, as few as hold them. */
export function joinFrames(texts: readonly string[], bytesMax: number, messagesMax = MESSAGES_MAX): string[] {
  if (texts.length === 0) return [];
  const whole = frameOf(texts);
  if (texts.length <= messagesMax && fitsInto(whole, bytesMax)) return [whole];
  const frames: string[] = [];
  let parts: string[] = [];
  let bytes = BRACKETS;
  for (const text of texts) {
    const size = utf8Length(text);
    // And a comma for each part that is there.
    if (parts.length === messagesMax || bytes + size + parts.length > bytesMax) {
      frames.push(frameOf(parts));
      parts = [];
      bytes = BRACKETS;
    }
    bytes += size;
    parts.push(text);
  }
  frames.push(frameOf(parts));
  return frames;
}

const BRACKETS = 2;

function frameOf(parts: readonly string[]): string {
  return `[${parts.join(",")}]`;
}

/** Whether a text has no more than so many bytes in UTF-8. */
export function fitsInto(text: string, bytesMax: number): boolean {
  // No code unit has more than three bytes: what is short enough for that needs no counting.
  return text.length * 3 <= bytesMax || utf8Length(text) <= bytesMax;
}
