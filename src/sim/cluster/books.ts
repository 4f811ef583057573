import type { StoreId, TransactionId } from "../../schema/ids.ts";
import type { LogRecord } from "../../schema/records.ts";

/** A record as its node has appended it. */
export interface Written {
  readonly record: LogRecord;
  readonly epoch: number;
  readonly seq: number;
}

type OfTransaction = Extract<LogRecord, { transactionId: TransactionId }>;

/** What one store holds, as far as it was seen from outside: every record that was not lost, and how far it is on disk. */
export interface Book {
  /** In log order. */
  readonly written: readonly Written[];
  epochMax(): number;
  forcedSeq(): number;
  note(entry: Written): void;
  noteForced(throughSeq: number): void;
  noteEpoch(epoch: number): void;
  /** The first so many are left; the others were never heard of. */
  keep(count: number): void;
  /** The record of that type about the transaction. */
  find<Type extends OfTransaction["type"]>(
    type: Type,
    transactionId: TransactionId,
  ): {
    readonly record: Extract<OfTransaction, { type: Type }>;
    readonly isDurable: boolean;
    readonly seq: number;
  } | null;
}

/** The books of all stores that there ever were. */
export interface Books {
  of(storeId: StoreId): Book;
}

export function createBooks(): Books {
  const books = new Map<StoreId, Book>();
  return {
    of(storeId) {
      const book = books.get(storeId) ?? createBook();
      books.set(storeId, book);
      return book;
    },
  };
}

function createBook(): Book {
  const written: Written[] = [];
  const byKey = new Map<string, Written>();
  let forcedSeq = 0;
  let epochMax = 0;
  return {
    written,
    epochMax: () => epochMax,
    forcedSeq: () => forcedSeq,
    note(entry) {
      written.push(entry);
      const { record } = entry;
      if ("transactionId" in record) byKey.set(`${record.type} ${record.transactionId}`, entry);
    },
    noteForced(throughSeq) {
      forcedSeq = Math.max(forcedSeq, throughSeq);
    },
    noteEpoch(epoch) {
      epochMax = Math.max(epochMax, epoch);
    },
    keep(count) {
      for (const { record } of written.splice(count)) {
        if ("transactionId" in record) byKey.delete(`${record.type} ${record.transactionId}`);
      }
    },
    find<Type extends OfTransaction["type"]>(type: Type, transactionId: TransactionId) {
      const entry = byKey.get(`${type} ${transactionId}`);
      if (entry === undefined) return null;
      const record = entry.record as Extract<OfTransaction, { type: Type }>;
      return { record, isDurable: entry.seq <= forcedSeq, seq: entry.seq };
    },
  };
}
