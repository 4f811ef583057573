import { utf8Length } from "./batch.ts";
import type { TextBytes } from "./canonical-pieces.ts";
import { MISS, type PutValue, room } from "./canonical-puts.ts";
import { SLACK_BYTES } from "./canonical-writer.ts";

/** Bytes that are written from one end to the other, and grow as they must. Places are counted from their beginning. */
export interface GrowingBytes {
  readonly bytes: TextBytes;
  readonly view: DataView;
  /** Makes room for `count` bytes at `at`; what stands before is kept. */
  reserve(at: number, count: number): void;
  /** Puts a value and returns where it ends; `MISS` where `put` does not take it. */
  put(put: PutValue, value: unknown, at: number): number;
  /** Puts a text as UTF-8 and returns where it ends. */
  putText(text: string, at: number): number;
}

const COUNTED_LENGTH = 256 * 1024;

export function createGrowingBytes(allocate: (bytes: number) => TextBytes, startBytes: number): GrowingBytes {
  const make = (count: number) => {
    const bytes = allocate(count);
    return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, count) };
  };
  let { bytes, view } = make(startBytes);
  const growing: GrowingBytes = {
    get bytes() {
      return bytes;
    },
    get view() {
      return view;
    },
    reserve(at, count) {
      if (at + count <= bytes.length) return;
      const before = bytes;
      ({ bytes, view } = make(Math.max(at + count, 2 * bytes.length)));
      bytes.set(before.subarray(0, at));
    },
    put(put, value, at) {
      growing.reserve(at, SLACK_BYTES);
      for (;;) {
        room.isShort = false;
        const end = put(value, bytes, view, bytes.length - SLACK_BYTES, at);
        if (end !== MISS || !room.isShort) return end;
        growing.reserve(at, 2 * (bytes.length - at) + SLACK_BYTES);
      }
    },
    putText(text, at) {
      // No code unit has more than three bytes: only a long text is worth counting.
      growing.reserve(at, text.length < COUNTED_LENGTH ? 3 * text.length : utf8Length(text));
      return at + bytes.write(text, at, "utf8");
    },
  };
  return growing;
}
