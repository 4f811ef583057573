import { closeSync, openSync, writeSync } from "node:fs";
import { TpcError } from "../core/errors.ts";

/** A text file that is written while a command runs. */
export interface OutputFile {
  write(text: string): void;
  close(): void;
}

/** Opens a file for writing, or throws TPC_OUTPUT; so that a run does not find out at its end. */
export function openOutput(path: string): OutputFile {
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TpcError("TPC_OUTPUT", `${path} cannot be written: ${why}`, { cause: error });
    }
  };
  const file = guarded(() => openSync(path, "w"));
  return {
    write: (text) => void guarded(() => writeSync(file, text)),
    close: () => closeSync(file),
  };
}
