import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { TpcError } from "../../src/core/errors.ts";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { verifyLog } from "../../src/drivers/log-inspect.ts";
import type { NodeName } from "../../src/schema/ids.ts";

const PROGRAM = join(import.meta.dirname, "programs", "append-records.ts");
const WAREHOUSE = { name: "warehouse" as NodeName, kind: "warehouse" } as const;

const children: ChildProcess[] = [];
const directories: string[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "2pc-log-"));
  directories.push(directory);
  return directory;
}

interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything it printed so far, by line. */
  readonly lines: readonly string[];
  /** Resolves when the predicate holds for a line to come. */
  until(holds: (line: string) => boolean): Promise<string>;
  exited(): Promise<{ readonly code: number | null; readonly errors: string }>;
}

function start(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const wait of waiting) wait(line);
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const closed = once(child, "close");
  return {
    pid: child.pid ?? 0,
    child,
    lines,
    until: (holds) =>
      Promise.race([
        new Promise<string>((resolve) => waiting.push((line) => (holds(line) ? resolve(line) : undefined))),
        closed.then(() => Promise.reject(new Error(`the program ended: ${errors}`))),
      ]),
    exited: async () => {
      const [code] = await closed;
      return { code, errors };
    },
  };
}

function startAppending(directory: string): Program {
  return start(process.execPath, [PROGRAM, directory]);
}

function lastAcked(program: Program): number {
  return Number(program.lines.findLast((line) => line.startsWith("acked "))?.slice("acked ".length) ?? 0);
}

/** How many records are there, those in the checkpoint included. */
async function countRecords(
  directory: string,
): Promise<{ readonly count: number; readonly summary: string }> {
  const data = openDataDirectory(directory, WAREHOUSE);
  const { log, recovered } = await openFileLog(data, {
    segmentBytesMax: 8000,
    onFatal: (error) => {
      throw error;
    },
  });
  const image = (recovered.checkpoint?.image ?? { through: 0 }) as { through: number };
  const found = [...recovered.records].filter(({ record }) => record.type === "aborted").length;
  await log.close();
  data.close();
  return { count: image.through + found, summary: recovered.summary };
}

describe("a process killed at any moment loses nothing that it was told is on disk", () => {
  test("killed three times on the same directory, while checkpoints and segments come and go", async () => {
    const directory = makeDirectory();
    let before = 0;
    for (const records of [300, 500, 40]) {
      const program = startAppending(directory);
      expect(await program.until((line) => line.startsWith("ready "))).toMatch(new RegExp(` ${before}$`));
      const enough = before + records;
      // The line itself may have come together with the first one.
      await program.until(() => lastAcked(program) >= enough);
      program.child.kill("SIGKILL");
      const { errors } = await program.exited();
      expect(errors).toBe("");
      const acked = lastAcked(program);
      const { count, summary } = await countRecords(directory);
      expect(summary).toMatch(/^(unclean stop|torn tail)/);
      expect(count).toBeGreaterThanOrEqual(acked);
      // No more than what was on its way.
      expect(count - acked).toBeLessThanOrEqual(16);
      before = count;
    }
    const sizes = readdirSync(join(directory, "log")).map(
      (name) => statSync(join(directory, "log", name)).size,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });
});

describe("one process a directory", () => {
  test("a second one is told who holds it, and the kernel frees it when the holder is killed", async () => {
    const directory = makeDirectory();
    const program = startAppending(directory);
    await program.until((line) => line.startsWith("acked "));
    expect(() => openDataDirectory(directory, WAREHOUSE)).toThrow(
      expect.objectContaining({
        code: "TPC_DIR_LOCKED",
        message: expect.stringContaining(`${directory} is in use by process ${program.pid} `),
      }),
    );
    const report = await verifyLog(directory);
    expect(report).toMatchObject({ ok: true, inUse: true });
    expect(report.summary).toContain(`in use by process ${program.pid}`);
    program.child.kill("SIGKILL");
    await program.exited();
    const data = openDataDirectory(directory, WAREHOUSE);
    expect((await verifyLog(directory)).inUse).toBe(true);
    data.close();
    expect((await verifyLog(directory)).inUse).toBe(false);
  });

  test("a second one in the same process is refused as well, and reading the log does not free the lock", async () => {
    const directory = makeDirectory();
    const data = openDataDirectory(directory, WAREHOUSE);
    expect((await verifyLog(directory)).inUse).toBe(true);
    expect(() => openDataDirectory(directory, WAREHOUSE)).toThrow(
      expect.objectContaining({
        code: "TPC_DIR_LOCKED",
        message: expect.stringContaining(`process ${process.pid} `),
      }),
    );
    const other = startAppending(directory);
    const { code, errors } = await other.exited();
    expect(code).toBe(1);
    expect(errors).toContain("TPC_DIR_LOCKED");
    data.close();
    openDataDirectory(directory, WAREHOUSE).close();
  });
});

/** A limit on the size of files: the kernel takes a part of the write that crosses it, and refuses the next. */
function limited(blocks: number, directory: string): Program {
  return start("bash", [
    "-c",
    `ulimit -f ${blocks}; exec "$0" "$1" "$2"`,
    process.execPath,
    PROGRAM,
    directory,
  ]);
}

describe.skipIf(process.platform === "win32")("a disk that takes no more", () => {
  test("ends the process with the status of a failed write, and nothing acknowledged is lost", async () => {
    const directory = makeDirectory();
    const program = limited(4, directory);
    const { code } = await program.exited();
    expect(code).toBe(new TpcError("TPC_LOG_WRITE", "").exitCode);
    expect(program.lines.at(-1)).toContain("fatal TPC_LOG_WRITE write");
    expect(lastAcked(program)).toBeGreaterThan(0);
    const { count } = await countRecords(directory);
    expect(count).toBeGreaterThanOrEqual(lastAcked(program));
  });

  test("refuses the start when it is full from the beginning", async () => {
    const directory = makeDirectory();
    const { code, errors } = await limited(0, directory).exited();
    expect(code).toBe(1);
    expect(errors).toMatch(/TPC_(LOG_WRITE|DATA_DIR)/);
  });
});

describe("a log of real files", () => {
  test("a copy of a running node's directory is a log after a crash", async () => {
    const directory = makeDirectory();
    const program = startAppending(directory);
    await program.until((line) => line === "acked 200");
    program.child.kill("SIGSTOP");
    const copy = join(makeDirectory(), "copy");
    cpSync(directory, copy, { recursive: true });
    const { count } = await countRecords(copy);
    expect(count).toBeGreaterThanOrEqual(200);
  });
});
