import { closeSync, openSync, readSync } from "node:fs";
import { printable, printableJson } from "../codec/printable.ts";
import { type Conformance, createMonitor, type Hole, type Monitor } from "../conform/monitor.ts";
import { judgementText, violationLines } from "../conform/words.ts";
import { TpcError } from "../core/errors.ts";
import { openTraceReading, type TraceScan } from "../drivers/trace-reading.ts";
import type { TraceLine } from "../schema/trace.ts";

interface Checked {
  readonly result: Conformance;
  readonly scan: TraceScan;
  /** The line of the file at which the violation was heard. */
  readonly line: number | null;
}

/**
 * Holds a recorded run against the rules of the protocol. Returns 0 when every step is allowed, 1 when one is not; throws
 * TPC_BAD_INPUT where the file is no trace, or has holes.
 */
export async function checkTrace(path: string, options: { readonly json?: boolean }): Promise<number> {
  const checked = await readAndCheck(path);
  if (options.json) print(printableJson(reportOf(path, checked), 2));
  else for (const line of linesOf(path, checked)) print(printable(line));
  return checked.result.violation === null ? 0 : 1;
}

async function readAndCheck(path: string): Promise<Checked> {
  const reading = openTraceReading(path);
  const monitor = createMonitor();
  let brokenAt: number | null = null;
  try {
    const scan = await reading.scan(
      {
        header: () => {},
        line(line, { offset }) {
          if (brokenAt !== null) return;
          const hole = hear(monitor, line);
          if (hole) throw new TpcError("TPC_BAD_INPUT", `${path}:${lineAt(path, offset)}: ${hole.problem}`);
          if (monitor.result().violation !== null) brokenAt = offset;
        },
      },
      () => {},
    );
    return { result: monitor.result(), scan, line: brokenAt === null ? null : lineAt(path, brokenAt) };
  } finally {
    reading.close();
  }
}

function hear(monitor: Monitor, line: TraceLine): Hole | null {
  if (line.type === "snapshot") return monitor.hear({ snapshot: line.snapshot });
  return line.type === "event" ? monitor.hear({ event: line.event }) : null;
}

/** The number of the line that begins at a byte; counted only when it is asked for. */
function lineAt(path: string, offset: number): number {
  const file = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(1 << 20);
  let number = 1;
  for (let at = 0; at < offset; ) {
    const count = readSync(file, buffer, 0, Math.min(buffer.length, offset - at), at);
    if (count === 0) break;
    for (let index = buffer.indexOf(10); index >= 0 && index < count; index = buffer.indexOf(10, index + 1)) {
      number += 1;
    }
    at += count;
  }
  closeSync(file);
  return number;
}

function linesOf(path: string, { result, scan, line }: Checked): string[] {
  const { violation, notJudged } = result;
  const lines = violation
    ? [`${path}:${line}: not allowed`, ...violationLines(violation)]
    : [`${path}: every step that was seen is allowed`];
  lines.push(judgementText(result));
  for (const [rule, count] of Object.entries(notJudged)) lines.push(`  ${count} × ${rule}`);
  if (scan.isCut) lines.push("the last line was cut short, and is left out");
  if (scan.unknown > 0) lines.push(`${scan.unknown} lines of a kind that is not known here are left out`);
  return lines;
}

function reportOf(path: string, { result, scan, line }: Checked) {
  const { violation, ...figures } = result;
  const { isCut, unknown } = scan;
  const broken = violation && { fileLine: line, ...violation };
  return { trace: path, ok: violation === null, ...figures, isCut, unknown, violation: broken };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
