import { CommanderError } from "commander";
import { printable } from "../codec/printable.ts";
import { errorLine, TpcError } from "../core/errors.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line (`argv` as in `process.argv`) and ends the process with its status. */
export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveQuietly);
  process.on("uncaughtException", (error) => {
    // A console first gives the terminal back, for on its screen the line would be lost, and then fails with the error.
    if (process.listenerCount("uncaughtException") === 1) process.exit(report(error));
  });
  let status: number | null;
  try {
    status = null;
    const program = buildProgram((result) => {
      status = result;
    });
    await program.parseAsync(withoutColorFlag(argv));
  } catch (error) {
    status = report(error);
  }
  if (status !== null) exitWhenWritten(status);
}

/** `--no-color` may stand anywhere; the launcher has acted on it already. */
function withoutColorFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.filter((word, index) => word !== "--no-color" || (end >= 0 && index > end));
}

/** One line on standard error. Returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return report(new TpcError("TPC_USAGE", commanderText(error)));
  }
  if (error instanceof TpcError) {
    process.stderr.write(`${printable(oneLine(errorLine(error)))}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  return report(new TpcError("TPC_INTERNAL", text === "" ? "an error without a message" : text));
}

function commanderText(error: CommanderError): string {
  if (error.code === "commander.help") return "there is no such command";
  return error.message
    .replace(/^error: /, "")
    .replace(" is invalid. ", " is invalid: ")
    .replace(/\.$/, "");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

/**
 * A reader that has gone away, as `head` does, or a terminal that was closed: no error, but the end. A command that
 * has something to put away takes it as a hang-up.
 */
function leaveQuietly(): void {
  if (process.listenerCount("SIGHUP") > 0) process.kill(process.pid, "SIGHUP");
  else process.exit(0);
}

function exitWhenWritten(status: number): void {
  process.stdout.write("", () => process.exit(status));
}
