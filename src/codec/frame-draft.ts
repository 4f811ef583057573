import { MESSAGES_MAX } from "./batch.ts";
import { writerFor } from "./canonical-frame.ts";
import type { TextBytes } from "./canonical-pieces.ts";
import { MISS } from "./canonical-puts.ts";
import { createGrowingBytes } from "./growing-bytes.ts";
import { typeOf } from "./violation.ts";

/**
 * What became of a message: it is in a frame; or in none, because it alone exceeds the limit, or because it cannot be written as it
 * would be read without parsing: some character must be escaped, or it is not valid.
 */
export type Added = "added" | "too-large" | "not-canonical";

/** Frames in the making, of at most `bytesMax` bytes and `messagesMax` messages each: one wherever one is enough. */
export interface FrameDraft {
  addCanonical(message: unknown, bytesMax: number, messagesMax?: number): Added;
  /** Adds a message that is JSON text already. */
  addText(text: string, bytesMax: number, messagesMax?: number): Exclude<Added, "not-canonical">;
  /** The frames, each of which is the caller's own. */
  take(): TextBytes[];
}

/** Room that a large frame took is given back. */
const KEPT_BYTES_MAX = 1024 * 1024;

const OPENING = 0x5b;
const CLOSING = 0x5d;
const COMMA = 0x2c;
const BRACKETS = 2;

export function createFrameDraft(allocate: (bytes: number) => TextBytes, startBytes: number): FrameDraft {
  let draft = createGrowingBytes(allocate, startBytes);
  let frames: TextBytes[] = [];
  let end = 1;
  let count = 0;

  const closeFrame = () => {
    draft.reserve(end, 1);
    draft.bytes[0] = OPENING;
    draft.bytes[end] = CLOSING;
    const frame = allocate(end + 1);
    frame.set(draft.bytes.subarray(0, end + 1));
    frames.push(frame);
    end = 1;
    count = 0;
  };

  /** Where the next message begins: after the comma, if there is one. */
  const next = () => (count === 0 ? 1 : end + 1);

  /** Takes a message, which was put there, into the frame or begins the next with it. */
  const takeIn = (from: number, to: number, bytesMax: number, messagesMax: number) => {
    const bytes = to - from;
    if (bytes > bytesMax - BRACKETS) return "too-large";
    if (count > 0 && (count === messagesMax || to + 1 > bytesMax)) {
      closeFrame();
      draft.bytes.copyWithin(1, from, to);
    } else if (count > 0) draft.bytes[end] = COMMA;
    end = next() + bytes;
    count += 1;
    return "added";
  };

  return {
    addCanonical(message, bytesMax, messagesMax = MESSAGES_MAX) {
      const put = writerFor(typeOf(message) ?? "");
      const from = next();
      const to = put === null ? MISS : draft.put(put, message, from);
      return to === MISS ? "not-canonical" : takeIn(from, to, bytesMax, messagesMax);
    },
    addText(text, bytesMax, messagesMax = MESSAGES_MAX) {
      const from = next();
      return takeIn(from, draft.putText(text, from), bytesMax, messagesMax);
    },
    take() {
      if (count > 0) closeFrame();
      const taken = frames;
      frames = [];
      if (draft.bytes.length > KEPT_BYTES_MAX) draft = createGrowingBytes(allocate, startBytes);
      return taken;
    },
  };
}
