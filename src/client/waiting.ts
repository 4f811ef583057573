import { ERROR_CODES, type ErrorCode, TpcError } from "../core/errors.ts";
import { renewed } from "../core/renewed.ts";
import type { Clock } from "../drivers/clock.ts";
import type { OutcomeMessage, Reply } from "../schema/session.ts";

/** Sends something, and returns why it could not. */
type Send = () => TpcError | null;

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: TpcError): void;
}

/** Queries on their way, by number. */
export interface Replies {
  /** Resolves with the reply's value; rejects with the node's error, TPC_UNREACHABLE after the time-out, or TPC_PROTOCOL for another kind of value. */
  ask<Value>(
    send: (queryId: number) => TpcError | null,
    isValue: (value: unknown) => value is Value,
  ): Promise<Value>;
  settle(reply: Reply): void;
  fail(error: TpcError): void;
}

export function createReplies(options: {
  readonly clock: Clock;
  readonly url: string;
  readonly timeoutMs: number;
}): Replies {
  const { clock, url, timeoutMs } = options;
  const waiting = new Map<number, Waiting<unknown>>();
  let count = 0;
  return {
    async ask(send, isValue) {
      count += 1;
      const queryId = count;
      let cancel = () => {};
      const value = await new Promise<unknown>((resolve, reject) => {
        const problem = send(queryId);
        if (problem !== null) return reject(problem);
        waiting.set(queryId, { resolve, reject });
        cancel = clock.schedule(timeoutMs, () => {
          const text = `${url} did not answer a query within ${timeoutMs} ms`;
          reject(new TpcError("TPC_UNREACHABLE", text, { sent: true }));
        });
      }).finally(() => {
        cancel();
        waiting.delete(queryId);
      });
      if (isValue(value)) return value;
      throw new TpcError("TPC_PROTOCOL", `${url} answered something else than was asked`, { sent: true });
    },
    settle(reply) {
      const asked = waiting.get(reply.queryId);
      if (asked === undefined) return; // Answered after its time-out.
      if (reply.error === null) asked.resolve(reply.value);
      else asked.reject(new TpcError(knownCode(reply.error.code), reply.error.message, { sent: true }));
    },
    fail(error) {
      for (const { reject } of waiting.values()) reject(error);
    },
  };
}

/** Requests whose outcome has not come, by request id; one may wait several times. */
export interface Outcomes {
  wait(requestId: string, send: Send): Promise<OutcomeMessage>;
  settle(outcome: OutcomeMessage): void;
  fail(error: TpcError): void;
}

interface WaitingForOutcome extends Waiting<OutcomeMessage> {
  /** Who else waits for the same. */
  readonly other: WaitingForOutcome | null;
}

export function createOutcomes(): Outcomes {
  let waiting = new Map<string, WaitingForOutcome>();
  let asked = 0;
  return {
    wait: (requestId, send) =>
      new Promise((resolve, reject) => {
        const problem = send();
        if (problem !== null) return reject(problem);
        asked += 1;
        waiting = renewed(waiting, asked);
        waiting.set(requestId, { resolve, reject, other: waiting.get(requestId) ?? null });
      }),
    settle(outcome) {
      const first = waiting.get(outcome.requestId) ?? null;
      waiting.delete(outcome.requestId);
      for (let each = first; each !== null; each = each.other) each.resolve(outcome);
    },
    fail(error) {
      for (const first of waiting.values())
        for (let each: WaitingForOutcome | null = first; each !== null; each = each.other) each.reject(error);
      waiting.clear();
    },
  };
}

function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : "TPC_NODE_FAILED";
}

/** Whether a code that came over the wire is one of ours. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
