import { MESSAGES_MAX } from "./batch.ts";
import { writerFor } from "./canonical-frame.ts";
import type { TextBytes } from "./canonical-pieces.ts";
import { MISS } from "./canonical-puts.ts";
import { createGrowingBytes, type GrowingBytes } from "./growing-bytes.ts";
import { typeOf } from "./violation.ts";

export interface WrittenFrames<Message> {
  /** Each is the caller's own. */
  readonly frames: readonly TextBytes[];
  /** Messages that alone exceed the limit; they are in no frame. */
  readonly tooLarge: readonly Message[];
}

/** Writes messages into frames of at most `bytesMax` bytes and `messagesMax` messages each, in order: one frame wherever one is enough. */
export type FrameWriter = <Message>(
  messages: readonly Message[],
  bytesMax: number,
  messagesMax?: number,
) => WrittenFrames<Message>;

const START_BYTES = 64 * 1024;
/** Room that a large frame took is given back. */
const KEPT_BYTES_MAX = 1024 * 1024;

const OPENING = 0x5b;
const CLOSING = 0x5d;
const COMMA = 0x2c;
const BRACKETS = 2;

export function createFrameWriter(allocate: (bytes: number) => TextBytes): FrameWriter {
  let draft = createGrowingBytes(allocate, START_BYTES);

  const closeFrame = (end: number): TextBytes => {
    draft.reserve(end, 1);
    draft.bytes[0] = OPENING;
    draft.bytes[end] = CLOSING;
    const frame = allocate(end + 1);
    frame.set(draft.bytes.subarray(0, end + 1));
    return frame;
  };

  return (messages, bytesMax, messagesMax = MESSAGES_MAX) => {
    if (draft.bytes.length > KEPT_BYTES_MAX) draft = createGrowingBytes(allocate, START_BYTES);
    const frames: TextBytes[] = [];
    const tooLarge: (typeof messages)[number][] = [];
    let end = 1;
    let count = 0;
    for (const message of messages) {
      // Where the comma will stand, if there is one.
      const from = count === 0 ? 1 : end + 1;
      let to = putMessage(draft, message, from);
      if (to - from > bytesMax - BRACKETS) {
        tooLarge.push(message);
        continue;
      }
      if (count > 0 && (count === messagesMax || to + 1 > bytesMax)) {
        frames.push(closeFrame(end));
        draft.bytes.copyWithin(1, from, to);
        to = 1 + to - from;
        count = 0;
      }
      if (count > 0) draft.bytes[end] = COMMA;
      end = to;
      count += 1;
    }
    if (count > 0) frames.push(closeFrame(end));
    return { frames, tooLarge };
  };
}

function putMessage(draft: GrowingBytes, message: unknown, at: number): number {
  const put = writerFor(typeOf(message) ?? "");
  const end = put === null ? MISS : draft.put(put, message, at);
  return end === MISS ? draft.putText(JSON.stringify(message), at) : end;
}
