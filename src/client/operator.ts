import { isRequestId } from "../codec/answers.ts";
import { TpcError } from "../core/errors.ts";
import { type Clock, createClock } from "../drivers/clock.ts";
import { createRandom } from "../drivers/random.ts";
import { createBackoff } from "../drivers/wire/backoff.ts";
import { WIRE_TIMING, type WireTiming } from "../drivers/wire/limits.ts";
import type { Operator } from "../observe/ports.ts";
import type { NodeName, RequestId } from "../schema/ids.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import type { Client } from "./client.ts";
import { connect } from "./connect.ts";

export interface OperatorOptions {
  /** Read at each attempt, so the owner may add and correct addresses as nodes are found. */
  readonly urls: ReadonlyMap<NodeName, string>;
  /** Coordinates what does not say `via`. */
  readonly coordinator: NodeName;
  readonly token: string;
  readonly timing?: Partial<WireTiming> | undefined;
}

export interface ClusterOperator extends Operator {
  close(): void;
}

/** A node answers `unknown` itself when the time is over; it gets this long to say so. */
const ANSWER_GRACE_MS = 500;

/**
 * Submits requests, arms faults and settles by hand, over one lasting connection a node. A request that may have been lost
 * with its connection is sent again, with the same request id and time of issue, until its time-out; then it is `unknown`.
 */
export function createOperator(options: OperatorOptions): ClusterOperator {
  const timing = { ...WIRE_TIMING, ...options.timing };
  const clock = createClock();
  const random = createRandom();
  const clients = new Map<string, Promise<Client>>();
  let isClosed = false;

  const reach = (name: NodeName, timeoutMs: number): Promise<Client> => {
    const url = options.urls.get(name);
    if (url === undefined) {
      return Promise.reject(
        new TpcError("TPC_USAGE", `no address is known for a node ${name}`, { sent: false }),
      );
    }
    const existing = clients.get(url);
    if (existing !== undefined) return existing;
    const forget = () => {
      if (clients.get(url) === opened) clients.delete(url);
    };
    const opened = connect(url, { token: options.token, timing, timeoutMs });
    clients.set(url, opened);
    opened.then((client) => client.onClose(forget), forget);
    return opened;
  };

  return {
    async submit({ requestId, operations, timeoutMs, via, issuedAtMs, isNew = false }) {
      if (!isRequestId(requestId)) {
        throw new TpcError(
          "TPC_BAD_INPUT",
          "a request id is 1 to 64 printable ASCII characters without blanks",
        );
      }
      const begun = { requestId, issuedAtMs: issuedAtMs ?? clock.wallMs(), operations: [...operations] };
      const startedMs = clock.nowMs();
      const backoff = createBackoff(timing, random);
      let isFirstSend = isNew;
      for (;;) {
        const leftMs = Math.ceil(startedMs + timeoutMs - clock.nowMs());
        if (leftMs <= 0 || isClosed) return unknownOutcome(requestId, clock.nowMs() - startedMs);
        try {
          const client = await reach(via ?? options.coordinator, Math.min(leftMs, timing.helloTimeoutMs));
          const vouched = isFirstSend ? { isFirstSend } : {};
          isFirstSend = false;
          const answer = client.begin({ ...begun, ...vouched, timeoutMs: leftMs });
          const outcome = await within(clock, leftMs + ANSWER_GRACE_MS, answer);
          const durationMs = Math.round((clock.nowMs() - startedMs) * 1_000) / 1_000;
          // As the caller waited: what a node measured leaves out the time in which it was away.
          return outcome ? { ...outcome, durationMs } : unknownOutcome(requestId, durationMs);
        } catch (error) {
          if (!(error instanceof TpcError) || error.code !== "TPC_UNREACHABLE") throw error;
          await pause(clock, Math.min(backoff.nextMs(), leftMs));
        }
      }
    },
    async armFault(node, fault, count) {
      const client = await reach(node, timing.helloTimeoutMs);
      await client.armFault(fault, count);
    },
    async armCrash(node, point, count) {
      await (await reach(node, timing.helloTimeoutMs)).armCrash(point, count);
    },
    async cutLink(node, peer, direction) {
      await (await reach(node, timing.helloTimeoutMs)).cutLink(peer, direction);
    },
    async hold(node, hold) {
      await (await reach(node, timing.helloTimeoutMs)).hold(hold);
    },
    async releaseHeld(node, ids, drop) {
      await (await reach(node, timing.helloTimeoutMs)).releaseHeld(ids, drop);
    },
    async resolve(node, request) {
      const client = await reach(node, timing.helloTimeoutMs);
      return client.resolve(request);
    },
    close() {
      isClosed = true;
      for (const opened of clients.values()) {
        opened.then(
          (client) => client.close(),
          () => {},
        );
      }
    },
  };
}

/** The answer, or null when it takes longer. */
async function within<Answer>(
  clock: Clock,
  timeoutMs: number,
  answer: Promise<Answer>,
): Promise<Answer | null> {
  let cancel = () => {};
  const timeout = new Promise<null>((resolve) => {
    cancel = clock.schedule(timeoutMs, () => resolve(null));
  });
  return Promise.race([answer, timeout]).finally(() => cancel());
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}

function unknownOutcome(requestId: RequestId, durationMs: number): OutcomeMessage {
  return {
    type: "outcome",
    requestId,
    transactionId: null,
    outcome: "unknown",
    attempts: 0,
    reason: null,
    votes: {},
    results: [],
    durationMs,
  };
}
