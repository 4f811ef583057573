import { closeSync, openSync, writeSync } from "node:fs";
import { formatTraceLine } from "../codec/trace.ts";
import { TpcError } from "../core/errors.ts";
import type { ModelUpdate } from "../observe/model.ts";
import type { Recorder } from "../observe/ports.ts";
import { traceLinesOf } from "../observe/trace.ts";
import { TRACE_VERSION } from "../schema/trace.ts";

/** A trace that is being written. */
export interface TraceFile extends Recorder {
  /** Adds an update, heard now. Never throws: a file that cannot be written any more is left as it is. */
  write(update: ModelUpdate): void;
  close(): void;
}

/**
 * Opens a trace of what has this name and writes its header, or throws TPC_OUTPUT. Every update is handed to the operating system before the
 * next one is taken, so that a killed process leaves all lines but the last whole, and nothing waits in memory.
 */
export function openTrace(path: string, name: string): TraceFile {
  const file = openOrThrow(path);
  const listeners: ((line: string) => void)[] = [];
  let isOver = false;
  let problem: string | null = null;
  const append = (lines: readonly string[]): void => {
    if (isOver || lines.length === 0) return;
    try {
      writeWhole(file, Buffer.from(`${lines.join("\n")}\n`));
    } catch (error) {
      isOver = true;
      problem = `the trace ${path} ends here: ${words(error)}`;
      for (const listener of listeners.splice(0)) listener(problem);
    }
  };
  const write = (update: ModelUpdate): void => append(traceLinesOf(update, Date.now()).map(formatTraceLine));
  append([formatTraceLine({ type: "trace", version: TRACE_VERSION, startedAtMs: Date.now(), name })]);
  return {
    write,
    note: (text) => write({ type: "note", atMs: Date.now(), text }),
    onEnd(listener) {
      if (problem === null) listeners.push(listener);
      else listener(problem);
    },
    close() {
      isOver = true;
      closeSync(file);
    },
  };
}

function openOrThrow(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new TpcError("TPC_OUTPUT", `${path} cannot be written: ${words(error)}`, { cause: error });
  }
}

/** A short write is no error; what is left is tried again and then tells why. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
