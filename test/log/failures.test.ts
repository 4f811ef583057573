import { describe, expect, test } from "vitest";
import { TpcError } from "../../src/core/errors.ts";
import type { LogFile, LogFiles } from "../../src/log/files.ts";
import {
  appendForced,
  createMemoryDisk,
  createSamplePages,
  numbersIn,
  openLog,
  recoveredNumbers,
  sampleRecord,
  turn,
} from "./support.ts";

type Failure = "EIO" | "ENOSPC" | "short" | "short-then-ENOSPC";

interface FaultyFiles extends LogFiles {
  readonly calls: string[];
  hasFailed(): boolean;
}

/** Passes every call on, but for the one with the given number. */
function failOnce(files: LogFiles, failAt: number, failure: Failure): FaultyFiles {
  const calls: string[] = [];
  let failed = false;
  let full = false;
  const enter = (name: string): void => {
    const number = calls.push(name) - 1;
    if (number !== failAt || failure.startsWith("short")) return;
    failed = true;
    throw Object.assign(new Error(`${failure}: injected, ${name}`), { code: failure });
  };
  const call = async <Value>(name: string, act: () => Promise<Value>): Promise<Value> => {
    enter(name);
    return act();
  };
  const wrap = (file: LogFile): LogFile => ({
    write: (bytes, position) => {
      enter("write");
      if (full) throw Object.assign(new Error("ENOSPC: injected, write"), { code: "ENOSPC" });
      if (calls.length - 1 !== failAt || !failure.startsWith("short")) return file.write(bytes, position);
      full = failure === "short-then-ENOSPC";
      failed = full;
      return file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position);
    },
    datasync: () => call("datasync", file.datasync),
    close: () => call("close", file.close),
  });
  return {
    calls,
    hasFailed: () => failed,
    makeDirectory: (path) => call("makeDirectory", () => files.makeDirectory(path)),
    list: (path) => call("list", () => files.list(path)),
    read: (path) => call("read", () => files.read(path)),
    create: (path) => call("create", async () => wrap(await files.create(path))),
    reopen: (path) => call("reopen", async () => wrap(await files.reopen(path))),
    rename: (from, to) => call("rename", () => files.rename(from, to)),
    unlink: (path) => call("unlink", () => files.unlink(path)),
    syncDirectory: (path) => call("syncDirectory", () => files.syncDirectory(path)),
    freeBytes: files.freeBytes,
  };
}

interface ScriptResult {
  /** The numbers of the records that were reported to be on disk. */
  readonly acked: readonly number[];
  readonly forcedAfterFailure: boolean;
  readonly fatal: readonly TpcError[];
  readonly ended: "closed" | "open-refused" | "stopped";
}

const NUMBERS = Array.from({ length: 10 }, (_, index) => index + 1);

/** A run with rotations, a checkpoint in its middle, segments that are removed and one that is written over, and a shutdown. */
async function runScript(files: FaultyFiles): Promise<ScriptResult> {
  const acked: number[] = [];
  const fatal: TpcError[] = [];
  let forcedAfterFailure = false;
  let stop: () => void = () => undefined;
  const stopped = new Promise<"stopped">((resolve) => {
    stop = () => resolve("stopped");
  });
  const onFatal = (error: TpcError) => {
    fatal.push(error);
    stop();
  };
  const opening = openLog(files, { segmentBytesMax: 500, checkpointBytes: 500, onFatal });
  const { log } = await opening.catch((error: unknown) => {
    if (error instanceof TpcError && error.code === "TPC_LOG_WRITE") return { log: null };
    throw error;
  });
  if (log === null) return { acked, fatal, forcedAfterFailure, ended: "open-refused" };
  log.onForced(() => {
    forcedAfterFailure ||= fatal.length > 0;
  });
  const pages = createSamplePages();
  const script = async (): Promise<"closed"> => {
    for (const number of NUMBERS) {
      const seq = await appendForced(log, [sampleRecord(number)]);
      acked.push(number);
      pages.add(number, 0);
      if (number === 7) await log.checkpoint({}, pages.stored(), seq);
    }
    await log.close();
    return "closed";
  };
  const running = script().catch((error: unknown) => {
    if (error instanceof TpcError && fatal.length > 0) return "stopped" as const;
    throw error;
  });
  return { ended: await Promise.race([running, stopped]), acked, fatal, forcedAfterFailure };
}

async function recoverNumbers(files: LogFiles): Promise<number[]> {
  const { log, recovered } = await openLog(files);
  await log.close();
  return [...numbersIn(recovered.checkpoint?.pages ?? []), ...recoveredNumbers(recovered)];
}

const good = failOnce(createMemoryDisk(), -1, "EIO");
await runScript(good);
const CALLS = good.calls.map((name, number) => [number, name] as const);

describe("the first failing call ends the log, and nothing acknowledged is lost by it", () => {
  test("the script makes every kind of call", () => {
    expect(new Set(good.calls)).toEqual(
      new Set([
        "makeDirectory",
        "list",
        "read",
        "create",
        "write",
        "datasync",
        "close",
        "reopen",
        "rename",
        "unlink",
        "syncDirectory",
      ]),
    );
  });

  describe.each(["EIO", "ENOSPC", "short-then-ENOSPC"] as const)("%s", (failure) => {
    const calls = CALLS.filter(([, name]) => failure !== "short-then-ENOSPC" || name === "write");
    test.each(calls)("at call %i, %s", async (number) => {
      const disk = createMemoryDisk();
      const files = failOnce(disk, number, failure);
      const result = await runScript(files);
      expect(files.hasFailed()).toBe(true);
      expect(result.forcedAfterFailure).toBe(false);
      if (result.ended === "open-refused") expect(result.fatal).toEqual([]);
      else {
        expect(result.ended).toBe("stopped");
        expect(result.fatal.map((error) => error.code)).toEqual(["TPC_LOG_WRITE"]);
        expect(result.fatal[0]?.message).toContain("/home/log");
      }
      // As another process finds it, and as it is after the loss of power with all, and with nothing, that was not synced.
      for (const found of [disk.fork(), disk.afterPowerLoss(() => true), disk.afterPowerLoss(() => false)]) {
        const numbers = await recoverNumbers(found);
        expect(numbers).toEqual(NUMBERS.slice(0, numbers.length));
        expect(numbers.length).toBeGreaterThanOrEqual(result.acked.length);
        // Mending again changes nothing.
        expect(await recoverNumbers(found)).toEqual(numbers);
      }
    });
  });

  test("whichever call of a start that mends an unclean end fails, the start is refused as a failing disk's", async () => {
    const disk = createMemoryDisk();
    const { log } = await openLog(disk, { segmentBytesMax: 500 });
    for (let number = 1; number <= 10; number += 1) await appendForced(log, [sampleRecord(number)]);
    const counted = failOnce(disk.fork(), -1, "EIO");
    await openLog(counted, { segmentBytesMax: 500 });
    for (const number of counted.calls.keys()) {
      const found = disk.fork();
      const opening = openLog(failOnce(found, number, "EIO"), { segmentBytesMax: 500 });
      await expect(opening, `call ${number}, ${counted.calls[number]}`).rejects.toMatchObject({
        code: "TPC_LOG_WRITE",
      });
      expect(await recoverNumbers(found)).toEqual(NUMBERS);
    }
  });

  test.each(CALLS.filter(([, name]) => name === "write"))(
    "a short write at call %i is carried on",
    async (number) => {
      const disk = createMemoryDisk();
      const result = await runScript(failOnce(disk, number, "short"));
      expect(result).toMatchObject({ ended: "closed", fatal: [] });
      expect(await recoverNumbers(disk)).toEqual(NUMBERS);
    },
  );

  test("a file that cannot be closed after a failed sync does not delay the end", async () => {
    const disk = createMemoryDisk();
    const files: LogFiles = {
      ...disk,
      create: async (path) => {
        const file = await disk.create(path);
        if (!path.includes("checkpoint")) return file;
        return {
          ...file,
          datasync: () => Promise.reject(new Error("EIO: injected")),
          close: () => new Promise(() => {}),
        };
      },
    };
    let fatal: (error: TpcError) => void = () => undefined;
    const failed = new Promise<TpcError>((resolve) => {
      fatal = resolve;
    });
    const { log } = await openLog(files, { onFatal: (error) => fatal(error) });
    const seq = await appendForced(log, [sampleRecord(1)]);
    void log.checkpoint({}, [], seq);
    expect(await failed).toMatchObject({ code: "TPC_LOG_WRITE" });
  });

  test("after a failure records are taken and go nowhere, and close says why", async () => {
    const disk = createMemoryDisk();
    let failing = false;
    const files: LogFiles = {
      ...disk,
      create: async (path) => {
        const file = await disk.create(path);
        const write: LogFile["write"] = (bytes, position) =>
          failing ? Promise.reject(new Error("EIO: injected")) : file.write(bytes, position);
        return { ...file, write };
      },
    };
    let fatal: (error: TpcError) => void = () => undefined;
    const failed = new Promise<TpcError>((resolve) => {
      fatal = resolve;
    });
    const { log } = await openLog(files, { onFatal: (error) => fatal(error) });
    failing = true;
    log.append(sampleRecord(1), true);
    log.flush(true);
    expect(await failed).toMatchObject({ code: "TPC_LOG_WRITE" });
    failing = false;
    log.append(sampleRecord(2), true);
    log.flush(true);
    await expect(log.close()).rejects.toBe(await failed);
    expect(await recoverNumbers(disk)).toEqual([]);
  });

  test("what is reported to be on disk while the log fails is reported to nobody", async () => {
    let fatalWasFirst = 0;
    for (let lead = 0; lead < 24; lead += 1) {
      const disk = createMemoryDisk();
      const refusal = Promise.withResolvers<LogFile>();
      const syncing = Promise.withResolvers<void>();
      let holding = false;
      const files: LogFiles = {
        ...disk,
        create: async (path) => {
          if (holding) return refusal.promise;
          const file = await disk.create(path);
          return { ...file, datasync: () => (holding ? syncing.promise : file.datasync()) };
        },
      };
      const heard: string[] = [];
      const { log } = await openLog(files, { onFatal: () => heard.push("fatal") });
      const seq = await appendForced(log, [sampleRecord(1)]);
      void log.checkpoint({}, [], seq);
      holding = true;
      await turn();
      log.onForced(() => heard.push("forced"));
      log.append(sampleRecord(2), true);
      log.flush(true);
      await turn();
      refusal.reject(new Error("EIO: injected"));
      for (let step = 0; step < lead; step += 1) await Promise.resolve();
      syncing.resolve();
      await turn();
      if (heard[0] === "fatal") fatalWasFirst += 1;
      expect(heard, `${lead} steps apart`).not.toEqual(["fatal", "forced"]);
    }
    expect(fatalWasFirst).toBeGreaterThan(0);
  });
});
