import { closeSync, fdatasync, openSync, write } from "node:fs";
import { FRAME_HEADER_BYTES, frameBytes } from "../../codec/frame.ts";
import { TpcError } from "../../core/errors.ts";

/** Records on a file: one write and one sync at a time, and what arrives meanwhile is the next batch. */
export interface FloorLog {
  /** `onDisk` is called when a forced record is. */
  append(text: string, onDisk: (() => void) | null): void;
  /** End of a turn. */
  flush(): void;
  close(): void;
  readonly spent: { recordsAppended: number; recordsForced: number; syncs: number; bytesLogged: number };
}

interface Pending {
  readonly text: string;
  readonly onDisk: (() => void) | null;
}

export function openFloorLog(path: string, fail: (error: TpcError) => void): FloorLog {
  const file = openSync(path, "wx", 0o600);
  const spent = { recordsAppended: 0, recordsForced: 0, syncs: 0, bytesLogged: 0 };
  let pending: Pending[] = [];
  let position = 0;
  let isBusy = false;

  const check = (error: Error | null) => {
    if (error !== null)
      fail(new TpcError("TPC_LOG_WRITE", `write ${path}: ${error.message}`, { cause: error }));
    return error === null;
  };

  const writeBatch = () => {
    const batch = pending;
    pending = [];
    if (batch.length === 0) {
      isBusy = false;
      return;
    }
    isBusy = true;
    const bytes = encode(batch);
    write(file, bytes, 0, bytes.length, position, (error, taken) => {
      if (!check(error)) return;
      position += taken;
      spent.bytesLogged += taken;
      if (batch.every(({ onDisk }) => onDisk === null)) return writeBatch();
      spent.syncs += 1;
      fdatasync(file, (failure) => {
        if (!check(failure)) return;
        for (const { onDisk } of batch) onDisk?.();
        writeBatch();
      });
    });
  };

  return {
    append(text, onDisk) {
      spent.recordsAppended += 1;
      if (onDisk !== null) spent.recordsForced += 1;
      pending.push({ text, onDisk });
    },
    flush() {
      if (!isBusy) writeBatch();
    },
    close: () => closeSync(file),
    spent,
  };
}

/** As long as the frames of the real log; header and checksum are left blank. */
function encode(batch: readonly Pending[]): Buffer {
  let total = 0;
  for (const { text } of batch) total += frameBytes(text.length);
  const bytes = Buffer.allocUnsafe(total);
  let offset = 0;
  for (const { text } of batch) {
    bytes.write(text, offset + FRAME_HEADER_BYTES, "latin1");
    offset += frameBytes(text.length);
  }
  return bytes;
}
