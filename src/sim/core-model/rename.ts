import { sliceOf } from "../../core/held-requests.ts";
import type { SettledRequest } from "../../core/node-state.ts";
import { makePackedRequests, type PackedRequests, pack, packedRequests } from "../../core/packed-requests.ts";
import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { makeSettledRequests } from "../../core/settled-requests.ts";
import type { RequestId } from "../../schema/ids.ts";
import { isTable } from "./node-copy.ts";

/** The same value with every text in it changed, keys as well. */
export function renameIn<Value>(value: Value, text: (text: string) => string): Value {
  return rename("", value, text) as Value;
}

function rename(key: string, value: unknown, text: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value; // Decisions, which name nobody.
  if (Array.isArray(value)) return value.map((part) => rename("", part, text));
  // Bytes, in which nothing can be renamed where it stands.
  if (key === "packed") return renamePacked(value as PackedRequests, text);
  if (isTable(value)) {
    const entries = [...value].map(
      ([each, part]) => [rename("", each, text), rename("", part, text)] as const,
    );
    return key === "settled"
      ? makeSettledRequests(entries as [RequestId, SettledRequest][])
      : new Map(entries);
  }
  return Object.fromEntries(
    Object.entries(value).map(([each, part]) => [text(each), rename(each, part, text)]),
  );
}

function renamePacked(packed: PackedRequests, text: (text: string) => string): PackedRequests {
  const fresh = makePackedRequests();
  for (const [requestId, held] of packedRequests(packed))
    pack(fresh, renameIn(requestId, text), renameIn(held, text), sliceOf(DEFAULT_SETTINGS.requestWindowMs));
  return fresh;
}
