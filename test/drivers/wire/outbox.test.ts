import { describe, expect, test } from "vitest";
import type { WireMessage } from "../../../src/codec/wire.ts";
import { BACKLOG_CUT_BYTES, BACKLOG_DROP_BYTES, FRAME_BYTES_MAX } from "../../../src/drivers/wire/limits.ts";
import type { Link } from "../../../src/drivers/wire/link.ts";
import { createOutbox } from "../../../src/drivers/wire/outbox.ts";
import { ack, nodeName } from "./rig.ts";

function createFakeLink(bufferedBytes: number, tooLarge: WireMessage[] = []) {
  const sent: (readonly WireMessage[])[] = [];
  const ends: string[] = [];
  const link: Link = {
    send(messages, bytesMax) {
      expect(bytesMax).toBe(FRAME_BYTES_MAX);
      sent.push([...messages]);
      return { frames: 1, bytes: 10 * messages.length, tooLarge };
    },
    sendFrames: () => {},
    bufferedBytes: () => bufferedBytes,
    startHeartbeat: () => {},
    refuse: () => {},
    close: () => {},
    terminate: (why) => ends.push(why),
  };
  return { link, sent, ends };
}

function createTested(link: Link | null) {
  const demands: string[] = [];
  const problems: string[] = [];
  const sums: number[][] = [];
  const outbox = createOutbox({
    linkTo: () => link,
    demand: (name, url) => demands.push(`${name} ${url}`),
    onSent: (...counts) => sums.push(counts),
    onProblem: (text) => problems.push(text),
  });
  return { outbox, demands, problems, sums };
}

describe("a turn's messages leave together, or not at all", () => {
  test("nothing leaves before the end of the turn, then one batch a peer, once", () => {
    const { link, sent } = createFakeLink(0);
    const { outbox, sums } = createTested(link);
    outbox.send(nodeName("a"), null, ack("x", 1));
    outbox.send(nodeName("b"), null, ack("x", 2));
    outbox.send(nodeName("a"), null, ack("x", 3));
    expect(sent).toEqual([]);
    outbox.flush();
    outbox.flush();
    expect(sent).toEqual([[ack("x", 1), ack("x", 3)], [ack("x", 2)]]);
    expect(sums).toEqual([
      [2, 1, 20],
      [1, 1, 10],
    ]);
  });

  test("without a link the message is dropped and a dial asked for, where there is an address", () => {
    const { outbox, demands } = createTested(null);
    outbox.send(nodeName("a"), "ws://a:1", ack("x"));
    outbox.send(nodeName("b"), null, ack("x"));
    outbox.flush();
    expect(demands).toEqual(["a ws://a:1"]);
  });

  test.each([
    ["keeps up", BACKLOG_DROP_BYTES, 1, 0],
    ["reads too slowly", BACKLOG_DROP_BYTES + 1, 0, 0],
    ["hardly reads", BACKLOG_CUT_BYTES + 1, 0, 1],
  ])("a peer that %s", (_what, bufferedBytes, frames, cuts) => {
    const { link, sent, ends } = createFakeLink(bufferedBytes);
    const { outbox, problems } = createTested(link);
    outbox.send(nodeName("a"), null, ack("x"));
    outbox.flush();
    expect([sent.length, ends.length, problems.length]).toEqual([frames, cuts, cuts]);
  });

  test("a message that fits into no frame is reported and holds nothing up", () => {
    const { link, sent } = createFakeLink(0, [ack("x", 1)]);
    const { outbox, problems } = createTested(link);
    outbox.send(nodeName("a"), null, ack("x", 1));
    outbox.send(nodeName("a"), null, ack("x", 2));
    outbox.flush();
    expect(sent).toHaveLength(1);
    expect(problems).toEqual([`a ack to a exceeds ${FRAME_BYTES_MAX} bytes and was not sent`]);
  });
});
