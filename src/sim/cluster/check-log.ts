import type { NodeState } from "../../core/node-state.ts";
import type { Recovered } from "../../runtime/ports.ts";
import type { Books, Written } from "./books.ts";
import { checkCut } from "./check-cut.ts";
import { type Replayed, recover, replay } from "./replay.ts";
import type { Report } from "./violations.ts";
import type { Checker, Run } from "./witness.ts";

/**
 * What a start finds is an exact prefix of what was appended, with everything in it that was said to be on disk, and the
 * state made of it is the one that all these records make (I9). Epochs rise (I15).
 */
export function createLogChecker(books: Books, report: Report): Checker {
  /** By store: what was handed over as a checkpoint, as text. */
  const images = new Map<string, Set<string>>();
  /** What all the records of the store make that was read last. */
  let whole: Replayed | null = null;

  const checkRecords = (run: Run, recovered: Recovered) => {
    const book = books.of(run.storeId);
    const through = recovered.checkpoint?.throughSeq ?? 0;
    const first = book.written.findIndex(({ seq }) => seq > through);
    const covered = first === -1 ? book.written.length : first;
    const found = [...recovered.records].filter(({ record }) => record.type !== "run-start");
    const wrong = found.findIndex((entry, at) => !isSame(book.written[covered + at], entry));
    if (wrong !== -1) {
      const { record, lsn } = found[wrong] ?? {};
      const was = book.written[covered + wrong];
      report(
        "I9",
        `${run.name} found ${text(record)} at ${lsn?.epoch}:${lsn?.seq}, and appended ${text(was)}`,
      );
      return;
    }
    const kept = covered + found.length;
    const lost = book.written.slice(kept).find(({ seq }) => seq <= book.forcedSeq());
    if (lost) report("I9", `${run.name} was told that ${text(lost)} is on disk, and it is gone`);
    book.keep(kept);
    // What was found is on disk from here on: a recovered log is written anew before anything is said.
    book.noteForced(book.written.at(-1)?.seq ?? 0);
  };

  return {
    recovered(run, recovered) {
      const book = books.of(run.storeId);
      if (run.epoch <= book.epochMax())
        report("I15", `${run.name} begins run ${run.epoch} after run ${book.epochMax()}`);
      book.noteEpoch(run.epoch);
      const { checkpoint } = recovered;
      if (checkpoint && !images.get(run.storeId)?.has(JSON.stringify(checkpoint.image)))
        report("I9", `${run.name} found a checkpoint that it never made`);
      checkRecords(run, recovered);
      whole = replay(run, book.written);
      if (checkpoint && recovered.end.seq > 0) checkTables(run, recovered, whole, report);
      checkCut(run, book.written, whole, report);
    },
    restored(run, resource) {
      if (resource === null) return;
      const [is, should] = [resource.image(), whole?.resource?.image()].map((image) => JSON.stringify(image));
      if (is !== should) report("I9", `${run.name} keeps ${is}, and its records make ${should}`);
    },
    appended(run, record, seq) {
      if (record.type === "run-start") return;
      books.of(run.storeId).note({ record, epoch: run.epoch, seq });
    },
    forced: (run, throughSeq) => books.of(run.storeId).noteForced(throughSeq),
    checkpointed(run, image) {
      const known = images.get(run.storeId) ?? new Set();
      images.set(run.storeId, known.add(JSON.stringify(image)));
    },
  };
}

function isSame(
  was: Written | undefined,
  is: { readonly record: unknown; readonly lsn: { epoch: number; seq: number } },
) {
  if (was === undefined || was.seq !== is.lsn.seq || was.epoch !== is.lsn.epoch) return false;
  return JSON.stringify(was.record) === JSON.stringify(is.record);
}

/** A checkpoint and the records after it leave unfinished what all the records leave unfinished. */
function checkTables(run: Run, recovered: Recovered, whole: Replayed, report: Report): void {
  const [is, should] = [recover(run, recovered), whole].map(({ state }) => unfinishedIn(state));
  if (is !== should) report("I9", `${run.name} goes on with ${is}, and its records leave ${should}`);
}

function unfinishedIn({ coordinator, participant }: NodeState): string {
  const inDoubt = [...participant.transactions].flatMap(([id, { phase }]) =>
    phase === "prepared" ? [id] : [],
  );
  return JSON.stringify([[...coordinator.transactions.keys()].sort(), inDoubt.sort()]);
}

function text(written: unknown): string {
  return JSON.stringify(written) ?? "nothing";
}
