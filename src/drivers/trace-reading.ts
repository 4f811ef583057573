import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readTraceHeader, readTraceLine } from "../codec/trace.ts";
import { type ErrorCode, TpcError } from "../core/errors.ts";
import type { TraceHeader, TraceLine } from "../schema/trace.ts";
import { errnoOf } from "./errno.ts";

/** Where a line stands in its file. */
export interface LinePlace {
  readonly offset: number;
  readonly bytes: number;
}

export interface TraceScan {
  readonly header: TraceHeader;
  /** Lines after the header that were handed on. */
  readonly lines: number;
  /** Lines of a kind that this version does not know; they were left out. */
  readonly unknown: number;
  /** The last line was not written to its end, and was left out. */
  readonly isCut: boolean;
}

/** A trace on disk. */
export interface TraceReading {
  /**
   * Hands on every line after the header, with its place. Resolves at the end of the file; rejects with TPC_BAD_INPUT that
   * names the file and the line of what is no trace, or TPC_TRACE_VERSION where a newer program wrote it. `onProgress` hears a share from 0 to 1 now and then.
   */
  scan(
    take: { header(header: TraceHeader): void; line(line: TraceLine, place: LinePlace): void },
    onProgress: (share: number) => void,
  ): Promise<TraceScan>;
  /** The lines at these places, which a scan has handed on. */
  lines(places: readonly LinePlace[]): readonly TraceLine[];
  close(): void;
}

/** Some milliseconds of work: between two pieces keys are heard and frames drawn. */
const CHUNK_BYTES = 1 << 18;
/** No node sends a snapshot of more. */
const LINE_BYTES_MAX = 256 << 20;
const NEWLINE = 0x0a;

/** Opens a trace. Throws TPC_NO_INPUT where there is no file to read. */
export function openTraceReading(path: string): TraceReading {
  const { file, size } = openOrThrow(path);
  let isClosed = false;
  const read = (offset: number, bytes: number): Buffer => {
    const buffer = Buffer.allocUnsafe(bytes);
    let got = 0;
    while (got < bytes) {
      const count = readSync(file, buffer, got, bytes - got, offset + got);
      if (count === 0) break;
      got += count;
    }
    return buffer.subarray(0, got);
  };

  return {
    async scan(take, onProgress) {
      const state = createScan(path, take);
      let rest: Buffer = Buffer.alloc(0);
      let offset = 0;
      while (offset < size) {
        if (isClosed) throw new TpcError("TPC_NO_INPUT", `${path} was closed while it was read`);
        const chunk = read(offset, Math.min(CHUNK_BYTES, size - offset));
        if (chunk.length === 0) break;
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const base = offset - rest.length;
        offset += chunk.length;
        rest = state.takeWhole(bytes, base);
        if (rest.length > LINE_BYTES_MAX) state.refuse(`a line of more than ${LINE_BYTES_MAX >> 20} MiB`);
        onProgress(offset / size);
        // Signals and keys are heard between two pieces.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return state.finish(rest, offset - rest.length);
    },
    lines: (places) => readLines(read, places),
    close() {
      isClosed = true;
      closeSync(file);
    },
  };
}

function openOrThrow(path: string): { file: number; size: number } {
  const refuse = (why: string, cause?: unknown): TpcError =>
    new TpcError("TPC_NO_INPUT", `${path} cannot be read: ${why}`, { cause });
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw refuse(errnoOf(error) === "ENOENT" ? "there is no such file" : String(error), error);
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  throw refuse(
    stat.isDirectory() ? "it is a directory" : "it is no regular file, and a replay goes back and forth",
  );
}

function createScan(
  path: string,
  take: { header(header: TraceHeader): void; line(line: TraceLine, place: LinePlace): void },
) {
  let header: TraceHeader | null = null;
  let number = 0;
  let lines = 0;
  let unknown = 0;
  const refuse = (why: string, code: ErrorCode = "TPC_BAD_INPUT"): never => {
    throw new TpcError(code, `${path}:${Math.max(1, number)}: ${why}`);
  };
  const takeLine = (text: string, place: LinePlace): void => {
    number += 1;
    if (header === null) {
      const read = readTraceHeader(text);
      if ("problem" in read)
        return refuse(read.problem, read.isNewer ? "TPC_TRACE_VERSION" : "TPC_BAD_INPUT");
      header = read.header;
      return take.header(header);
    }
    if (text.trim() === "") return;
    const read = readTraceLine(text);
    if (read.is === "problem") return refuse(read.problem);
    if (read.is === "unknown") unknown += 1;
    else {
      lines += 1;
      take.line(read.line, place);
    }
  };
  return {
    refuse,
    /** Takes every whole line and returns what is left. */
    takeWhole(bytes: Buffer, base: number): Buffer {
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        takeLine(bytes.toString("utf8", from, end), { offset: base + from, bytes: end - from });
        from = end + 1;
      }
      return bytes.subarray(from);
    },
    finish(rest: Buffer, offset: number): TraceScan {
      let isCut = false;
      if (rest.length > 0) {
        const text = rest.toString("utf8");
        // A killed writer leaves a part of a line. One that is whole but for its line end counts.
        isCut = header !== null && readTraceLine(text).is === "problem";
        if (!isCut) takeLine(text, { offset, bytes: rest.length });
      }
      if (header === null) return refuse("the file is empty");
      return { header, lines, unknown, isCut };
    },
  };
}

/** Neighbours are read in one go. */
function readLines(
  read: (offset: number, bytes: number) => Buffer,
  places: readonly LinePlace[],
): readonly TraceLine[] {
  if (places.length === 0) return [];
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { offset, bytes } of places) {
    from = Math.min(from, offset);
    to = Math.max(to, offset + bytes);
  }
  const buffer = read(from, to - from);
  return places.flatMap(({ offset, bytes }) => {
    const text = buffer.toString("utf8", offset - from, offset - from + bytes);
    const line = readTraceLine(text);
    return line.is === "line" ? [line.line] : [];
  });
}
