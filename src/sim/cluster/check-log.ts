import { makeNodeState, type NodeState } from "../../core/node-state.ts";
import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import type { Recovered, Resource } from "../../runtime/ports.ts";
import { recoverNode } from "../../runtime/recover.ts";
import type { Books, Written } from "./books.ts";
import { digestOf } from "./chance.ts";
import { openResource } from "./resources.ts";
import type { Report } from "./violations.ts";
import type { Checker, Run } from "./witness.ts";

/**
 * What a start finds is an exact prefix of what was appended, with everything in it that was said to be on disk, and the
 * state made of it is the one that all these records make (I9). Epochs rise (I15).
 */
export function createLogChecker(books: Books, report: Report): Checker {
  const images = new Map<string, Set<string>>();

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
      if (checkpoint && !images.get(run.storeId)?.has(digestOf(JSON.stringify(checkpoint.image))))
        report("I9", `${run.name} found a checkpoint that it never made`);
      checkRecords(run, recovered);
      if (checkpoint && recovered.end.seq > 0)
        checkTables(run, recovered, books.of(run.storeId).written, report);
    },
    restored(run, resource) {
      if (resource === null) return;
      const whole = replay(run, books.of(run.storeId).written);
      const [is, should] = [resource.image(), whole.resource?.image()].map((image) => JSON.stringify(image));
      if (is !== should) report("I9", `${run.name} keeps ${is}, and its records make ${should}`);
    },
    appended(run, record, seq) {
      if (record.type === "run-start") return;
      books.of(run.storeId).note({ record, epoch: run.epoch, seq });
    },
    forced: (run, throughSeq) => books.of(run.storeId).noteForced(throughSeq),
    checkpointed(run, image) {
      const known = images.get(run.storeId) ?? new Set();
      images.set(run.storeId, known.add(digestOf(JSON.stringify(image))));
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
function checkTables(run: Run, recovered: Recovered, written: readonly Written[], report: Report): void {
  const short = { state: nodeOf(run), resource: openResource(run.kind) };
  recoverNode(short.state, short.resource, recovered);
  const [is, should] = [short, replay(run, written)].map(({ state }) => unfinishedIn(state));
  if (is !== should) report("I9", `${run.name} goes on with ${is}, and its records leave ${should}`);
}

function unfinishedIn({ coordinator, participant }: NodeState): string {
  const inDoubt = [...participant.transactions].flatMap(([id, { phase }]) =>
    phase === "prepared" ? [id] : [],
  );
  return JSON.stringify([[...coordinator.transactions.keys()].sort(), inDoubt.sort()]);
}

function replay(
  run: Run,
  written: readonly Written[],
): { readonly state: NodeState; readonly resource: Resource | null } {
  const state = nodeOf(run);
  const resource = openResource(run.kind);
  const records = written.map(({ record, epoch, seq }) => ({ record, lsn: { epoch, seq } }));
  const end = records.at(-1)?.lsn ?? { epoch: 0, seq: 0 };
  recoverNode(state, resource, { epoch: run.epoch, checkpoint: null, records, end, summary: "" });
  return { state, resource };
}

function nodeOf({ name, storeId, epoch, kind }: Run): NodeState {
  const self = { name, url: `ws://${name}` };
  return makeNodeState({
    self,
    storeId,
    epoch,
    settings: DEFAULT_SETTINGS,
    isParticipant: kind !== "coordinator",
  });
}

function text(written: unknown): string {
  return JSON.stringify(written) ?? "nothing";
}
