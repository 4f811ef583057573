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

export type EncodedFrames<Message> = {
  readonly frames: readonly string[];
  /** Messages that alone exceed the limit; they are in no frame. */
  readonly tooLarge: readonly Message[];
};

/** Frames of at most `bytesMax` bytes and `messagesMax` messages each, in order: one frame wherever one is enough. */
export function encodeFrames<Message>(
  messages: readonly Message[],
  bytesMax: number,
  messagesMax = MESSAGES_MAX,
): EncodedFrames<Message> {
  const whole = JSON.stringify(messages);
  // No code unit has more than three bytes: what is short enough for that needs no counting.
  const fits = whole.length * 3 <= bytesMax || utf8Length(whole) <= bytesMax;
  if (fits && messages.length <= messagesMax) {
    return { frames: messages.length === 0 ? [] : [whole], tooLarge: [] };
  }
  return splitFrames(messages, bytesMax, messagesMax);
}

function splitFrames<Message>(
  messages: readonly Message[],
  bytesMax: number,
  messagesMax: number,
): EncodedFrames<Message> {
  const frames: string[] = [];
  const tooLarge: Message[] = [];
  let parts: string[] = [];
  let bytes = 2;
  const endFrame = () => {
    if (parts.length > 0) frames.push(`[${parts.join(",")}]`);
    parts = [];
    bytes = 2;
  };
  for (const message of messages) {
    const text = JSON.stringify(message);
    const size = utf8Length(text) + 1;
    if (size + 1 > bytesMax) {
      tooLarge.push(message);
      continue;
    }
    if (parts.length === messagesMax || bytes + size - (parts.length === 0 ? 1 : 0) > bytesMax) endFrame();
    bytes += size - (parts.length === 0 ? 1 : 0);
    parts.push(text);
  }
  endFrame();
  return { frames, tooLarge };
}
