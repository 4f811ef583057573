import type { LogFile, LogFiles } from "../../log/files.ts";
import type { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import { createDiskEntries } from "./disk-entries.ts";
import { createDiskFile, type DiskFile } from "./disk-file.ts";

/** How a disk behaves; what is zero never happens. */
export interface DiskHabits {
  readonly sectorBytes: number;
  /** How long a call takes, in milliseconds: at least, and at most. */
  readonly callMs: readonly [number, number];
  /** How likely a call hangs, and for how long at most, in milliseconds. */
  readonly hang: number;
  readonly hangMs: number;
  /** How likely a call fails with EIO or ENOSPC, and how likely a write takes only a part without saying so. */
  readonly fail: number;
  readonly short: number;
  /** The canary's: syncs that do nothing and say that they have. */
  readonly isLying: boolean;
}

/** Who calls: a process of the machine. */
export interface DiskUser {
  /** Runs what a finished call brings about in the process, unless that is gone. */
  deliver(run: () => void): void;
  /** A call on a file that is written has failed. */
  failed(call: string): void;
}

/** A machine's disk. It outlives the processes that use it. */
export interface Disk {
  /** The calls of one process. */
  filesFor(user: DiskUser): LogFiles;
  /** The process is gone: of the calls under way each is carried out or not. */
  loseProcess(): void;
  /** The machine is gone as well: what was not synced is left or not, sector by sector and name by name. */
  losePower(): void;
  /** Faults end: calls take their least time and succeed. */
  calm(): void;
  /** How many bytes the disk holds from now on. */
  resize(capacityBytes: number): void;
  usedBytes(): number;
  isBusy(): boolean;
  /** How many calls there were. */
  calls(): number;
}

interface Call {
  readonly name: string;
  /** What may be left of it where it fails, or where its process ends before it is told; null where nothing can be. */
  readonly spoil: ((isFailing: boolean) => void) | null;
}

export const HOME = "/node";
const FREE_BYTES = 1 << 30;

export function createDisk(agenda: Agenda, chance: Chance, habits: DiskHabits): Disk {
  const entries = createDiskEntries(HOME);
  const pending = new Set<Call>();
  let isCalm = false;
  let capacityBytes = Number.POSITIVE_INFINITY;
  let count = 0;

  const durationMs = (): number => {
    const [least, most] = habits.callMs;
    if (isCalm) return least;
    if (chance.hit(habits.hang)) return chance.between(least, habits.hangMs);
    return chance.between(least, most);
  };

  const filesFor = (user: DiskUser): LogFiles => {
    /** Does `act` after a while, or fails, or is cut off by the end of the process. */
    const call = <Value>(name: string, act: () => Value, spoil: Call["spoil"]): Promise<Value> =>
      new Promise((resolve, reject) => {
        const entry: Call = { name, spoil };
        pending.add(entry);
        count += 1;
        agenda.after(durationMs(), () => {
          if (!pending.delete(entry)) return;
          const answer = isCalm || !chance.hit(habits.fail) ? attempt(act) : failAtWill(entry);
          user.deliver(() => {
            if (!("error" in answer)) return resolve(answer.value);
            if (isWriting(name)) user.failed(name);
            reject(answer.error);
          });
        });
      });

    const failAtWill = ({ name, spoil }: Call) => {
      if (chance.hit(0.5)) spoil?.(true);
      return { error: diskError(chance.hit(0.7) ? "EIO" : "ENOSPC", name) };
    };

    const fileOf = (file: DiskFile): LogFile => ({
      write(bytes, position) {
        // The caller may use its buffer again as soon as it is told.
        const taken = bytes.slice();
        const part = () => Math.floor(chance.next() * taken.length);
        return call(
          "write",
          () => {
            const room = capacityBytes - entries.usedBytes();
            if (taken.length > room) {
              file.write(taken.subarray(0, Math.max(0, room)), position);
              if (room > 0) return Math.floor(room);
              throw diskError("ENOSPC", "write");
            }
            const length = !isCalm && chance.hit(habits.short) ? Math.max(1, part()) : taken.length;
            file.write(taken.subarray(0, length), position);
            return length;
          },
          () => file.write(taken.subarray(0, part()), position),
        );
      },
      datasync() {
        const finish = habits.isLying ? () => {} : file.beginSync();
        return call("datasync", finish, (isFailing) => (isFailing ? file.failSync() : finish()));
      },
      close: () => call("close", () => {}, null),
    });

    return {
      makeDirectory: (path) =>
        call(
          "makeDirectory",
          () => entries.addFolder(path),
          () => entries.addFolder(path),
        ),
      list: (path) => call("list", () => entries.namesIn(path), null),
      read: (path) => call("read", () => entries.find(path)?.content() ?? null, null),
      create(path) {
        const file = createDiskFile(habits.sectorBytes);
        const make = () => {
          if (entries.find(path) !== undefined) throw diskError("EEXIST", `create ${path}`);
          entries.put(path, file);
          return fileOf(file);
        };
        return call("create", make, () => void attempt(make));
      },
      reopen: (path) =>
        call(
          "reopen",
          () => {
            const file = entries.find(path);
            if (file === undefined) throw diskError("ENOENT", `reopen ${path}`);
            return fileOf(file);
          },
          null,
        ),
      rename(from, to) {
        const move = () => {
          const file = entries.find(from);
          if (file === undefined) throw diskError("ENOENT", `rename ${from}`);
          entries.remove(from);
          entries.put(to, file);
        };
        return call("rename", move, () => void attempt(move));
      },
      unlink(path) {
        const remove = () => {
          if (entries.find(path) === undefined) throw diskError("ENOENT", `unlink ${path}`);
          entries.remove(path);
        };
        return call("unlink", remove, () => void attempt(remove));
      },
      syncDirectory: (path) =>
        call(
          "syncDirectory",
          () => habits.isLying || entries.sync(path),
          () => entries.sync(path),
        ).then(() => {}),
      freeBytes: () =>
        call("freeBytes", () => Math.min(FREE_BYTES, capacityBytes - entries.usedBytes()), null),
    };
  };

  const loseProcess = () => {
    for (const { spoil } of pending) if (chance.hit(0.5)) spoil?.(false);
    pending.clear();
  };

  return {
    filesFor,
    loseProcess,
    losePower() {
      loseProcess();
      entries.losePower(chance, chance.one([0, 0.2, 0.5, 0.8, 1, chance.next()]));
    },
    calm() {
      isCalm = true;
      capacityBytes = Number.POSITIVE_INFINITY;
    },
    resize(bytes) {
      capacityBytes = bytes;
    },
    usedBytes: entries.usedBytes,
    isBusy: () => pending.size > 0,
    calls: () => count,
  };
}

function attempt<Value>(act: () => Value): { readonly value: Value } | { readonly error: unknown } {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

/** What only looks may fail without anything having happened to the log. */
function isWriting(call: string): boolean {
  return call !== "list" && call !== "read" && call !== "freeBytes";
}

function diskError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${what}`), { code });
}
