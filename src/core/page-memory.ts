import { PAGE_BYTES_MAX } from "./packed-page.ts";

/**
 * Memory of full pages. It is shared memory, though nobody shares it: what other arrays of bytes take counts for V8 as a reason to
 * collect its whole heap, each time that there is 64 MiB more of it, and these pages are there to stay. As V8 does not see what they
 * take it would not see it go either: memory of pages that were dropped is used again.
 *
 * A structured clone of a node would have the same memory. Nodes that are cloned have no full pages.
 */
export interface PageMemory {
  /** Nobody reads or writes it. */
  readonly spare: Uint8Array[];
  /** Its page was dropped; a checkpoint that goes on may have that page still. */
  readonly dropped: Uint8Array[];
}

/** What is spare beyond it is left to the garbage collector: 32 MiB. */
const SPARE_MAX = 64;

export function makePageMemory(): PageMemory {
  return { spare: [], dropped: [] };
}

/** Room for one page, all zeros. */
export function takePageMemory({ spare }: PageMemory): Uint8Array {
  return spare.pop()?.fill(0) ?? new Uint8Array(new SharedArrayBuffer(PAGE_BYTES_MAX));
}

/** Takes back what was taken and not used. */
export function returnPageMemory({ spare }: PageMemory, memory: Uint8Array): void {
  spare.push(memory);
}

/** What was dropped so far has no reader any more. */
export function reuseDropped({ spare, dropped }: PageMemory): void {
  spare.push(...dropped.splice(0).slice(0, SPARE_MAX - spare.length));
}
