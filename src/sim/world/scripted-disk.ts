import type { Log, LogSpace, Recovered } from "../../runtime/ports.ts";
import type { Lsn } from "../../schema/ids.ts";
import type { LogRecord } from "../../schema/records.ts";

export interface Written {
  readonly record: LogRecord;
  readonly lsn: Lsn;
  readonly force: boolean;
}

/** A disk that survives crashes of the node that writes to it. What was not forced is lost with the process. */
export interface ScriptedDisk {
  /** Opens the next run's log. `forced` runs once the records through that point are on disk. */
  open(later: (job: () => void) => void): { log: Log; recovered: Recovered };
  /** Says how many bytes of a reserve of 64 MiB are free, and whether that is low. */
  space(freeBytes: number, isLow: boolean): void;
  /** While held, nothing is forced. */
  hold(held: boolean): void;
  /** Forces everything now, held or not. */
  sync(): void;
  /** From here on says of records of these types at once that they are on disk. */
  lie(types: readonly string[]): void;
  /** Drops the last `count` records although they were forced: a disk that broke its word. */
  lose(count: number): void;
  /** Drops what was not forced, but for the first `kept` records of it. */
  crash(kept: number): void;
  /** Everything that was ever appended and not lost, checkpoints or not. */
  records(): readonly Written[];
}

export function createScriptedDisk(): ScriptedDisk {
  const records: Written[] = [];
  let durable = 0;
  let epoch = 0;
  let isHeld = false;
  let lies: readonly string[] = [];
  let checkpointed: Recovered["checkpoint"] = null;
  let force: () => void = () => {};
  let tellSpace: (space: LogSpace) => void = () => {};
  return {
    open(later) {
      epoch += 1;
      const run = epoch;
      const through = checkpointed?.throughSeq ?? 0;
      const end = records.at(-1)?.lsn ?? { epoch: run - 1, seq: 0 };
      const recovered: Recovered = {
        epoch: run,
        checkpoint: checkpointed,
        records: records.filter(({ lsn }) => lsn.seq > through),
        end,
        summary: "clean",
      };
      records.push({
        record: { type: "run-start", epoch: run, startedAtMs: 0 },
        lsn: { epoch: run, seq: end.seq + 1 },
        force: true,
      });
      durable = records.length;
      let listener: (throughSeq: number) => void = () => {};
      force = () => {
        if (run !== epoch || durable === records.length) return;
        durable = records.length;
        listener(records.at(-1)?.lsn.seq ?? 0);
      };
      const log: Log = {
        append(record, isForced) {
          const seq = (records.at(-1)?.lsn.seq ?? 0) + 1;
          const isLie = isForced && lies.includes(record.type);
          records.push({ record, lsn: { epoch: run, seq }, force: isForced && !isLie });
          if (isLie) later(() => run === epoch && listener(seq));
          return seq;
        },
        flush() {
          if (!isHeld && records.slice(durable).some((written) => written.force))
            later(() => !isHeld && force());
        },
        onForced(given) {
          listener = given;
        },
        onSpace(given) {
          tellSpace = given;
        },
        wantsCheckpoint: () => false,
        checkpoint: async (image, pages, throughSeq) => {
          const copies = pages.map(({ number, bytes }) => ({ number, bytes: bytes.slice() }));
          checkpointed = { image: JSON.parse(JSON.stringify(image)), pages: copies, throughSeq };
          if (durable === records.length) return;
          durable = records.length;
          const seq = throughSeq; // The node hears of it in a turn of its own.
          later(() => listener(seq));
        },
        close: async () => force(),
      };
      return { log, recovered };
    },
    space: (freeBytes, isLow) => tellSpace({ isLow, freeBytes, reserveBytes: 64 * 2 ** 20 }),
    hold(held) {
      isHeld = held;
      if (!held) force();
    },
    sync: () => force(),
    lie(types) {
      lies = types;
    },
    lose(count) {
      records.length -= count;
      durable = records.length;
    },
    crash(kept) {
      records.length = Math.min(records.length, durable + kept);
      durable = records.length;
    },
    records: () => records,
  };
}
