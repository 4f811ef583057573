import type WebSocket from "ws";
import type { TextBytes } from "../../codec/canonical-pieces.ts";
import { createFrameWriter } from "../../codec/frame-writer.ts";
import { printable } from "../../codec/printable.ts";
import { decodeBytes, type WireMessage } from "../../codec/wire.ts";
import type { Clock } from "../../runtime/ports.ts";
import type { WireError } from "../../schema/session.ts";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { CLOSE, PONG_BACKLOG_BYTES_MAX, type WireTiming } from "./limits.ts";

/** How a link ended. */
export interface LinkEnd {
  readonly closeCode: number;
  /** One printable line. */
  readonly why: string;
  /** What the other end said before it closed, if anything. */
  readonly error: WireError | null;
  /** What this end said, if it refused the other. */
  readonly refusal: Refusal | null;
}

export interface LinkHandlers {
  /** All messages of one frame, `bytes` long as it came. `error` messages are kept for `closed`. */
  frame(messages: readonly WireMessage[], bytes: number): void;
  roundTrip(milliseconds: number): void;
  /** Once, after everything else. */
  closed(end: LinkEnd): void;
}

/** What goes to the other end of a link, and what comes from it. */
export type CutWay = "out" | "in";

/** Why a peer is sent away. */
export interface Refusal {
  readonly closeCode: number;
  readonly code: string;
  readonly message: string;
}

/** What became of messages that were handed to a link. */
export interface Sent {
  readonly frames: number;
  readonly bytes: number;
  /** Those that fit into no frame; they were not sent. */
  readonly tooLarge: readonly WireMessage[];
}

const NOTHING_SENT: Sent = { frames: 0, bytes: 0, tooLarge: [] };

/** One WebSocket that carries frames of messages. Nothing that arrives on it throws. */
export interface Link {
  /** Sends the messages in as few frames of at most `bytesMax` as hold them. The list is read at once, and its owner may go on with it. */
  send(messages: readonly WireMessage[], bytesMax: number): Sent;
  /** Sends frames that are written already. */
  sendFrames(frames: readonly TextBytes[]): void;
  /** Bytes handed to `send` that have not left this process. */
  bufferedBytes(): number;
  startHeartbeat(): void;
  /** Says why, closes, and hears nothing more. */
  refuse(refusal: Refusal): void;
  /** Closes after what was sent; hears what was under way. */
  close(closeCode: number, why: string): void;
  /** Ends at once, and hears nothing more. */
  terminate(why: string): void;
}

export interface LinkOptions {
  readonly clock: Clock;
  readonly timing: WireTiming;
  /** True while a fault cuts this way of the link: nothing is sent, or nothing heard, and neither end is told. */
  readonly isCut: (way: CutWay) => boolean;
  readonly handlers: LinkHandlers;
}

interface LinkState {
  /** Nothing more is heard, though the socket may still be closing. */
  isDeaf: boolean;
  /** Why this end closes, or what broke. */
  why: string;
  error: WireError | null;
  refusal: Refusal | null;
  cancelClose(): void;
}

const writeFrames = createFrameWriter(Buffer.allocUnsafe);
const AS_TEXT = { binary: false };

export function openLink(socket: WebSocket, options: LinkOptions): Link {
  const { clock, timing, isCut } = options;
  const state: LinkState = { isDeaf: false, why: "", error: null, refusal: null, cancelClose: () => {} };
  const heartbeat = createHeartbeat({
    clock,
    periodMs: timing.heartbeatMs,
    missedMax: timing.heartbeatsMissedMax,
    ping: (payload) => {
      if (!isShut()) socket.ping(payload);
    },
    roundTrip: (milliseconds) => options.handlers.roundTrip(milliseconds),
    dead: () => link.terminate(`no sign of life for ${timing.heartbeatsMissedMax} heartbeats`),
  });
  const isShut = () => socket.readyState !== socket.OPEN || isCut("out");
  const link: Link = {
    send(messages, bytesMax) {
      if (isShut()) return NOTHING_SENT;
      const { frames, tooLarge } = writeFrames(messages, bytesMax);
      let bytes = 0;
      for (const frame of frames) {
        bytes += frame.length;
        socket.send(frame, AS_TEXT);
      }
      return { frames: frames.length, bytes, tooLarge };
    },
    sendFrames(frames) {
      if (!isShut()) for (const frame of frames) socket.send(frame, AS_TEXT);
    },
    bufferedBytes: () => socket.bufferedAmount,
    startHeartbeat: heartbeat.start,
    refuse(refusal) {
      if (state.refusal !== null) return;
      state.refusal = refusal;
      state.isDeaf = true;
      const message = printable(refusal.message).slice(0, 500);
      link.send([{ type: "error", code: refusal.code, message }], Number.POSITIVE_INFINITY);
      link.close(refusal.closeCode, message);
    },
    close(closeCode, why) {
      state.why ||= why;
      if (isCut("out")) return socket.terminate();
      state.cancelClose();
      state.cancelClose = clock.schedule(timing.closeTimeoutMs, () => socket.terminate());
      // A close frame holds 123 bytes of reason; the whole of it went before as a message.
      socket.close(closeCode, why.replace(/[^ -~]/g, "?").slice(0, 120));
    },
    terminate(why) {
      state.isDeaf = true;
      state.why ||= why;
      socket.terminate();
    },
  };
  hearSocket(socket, link, state, heartbeat, options);
  return link;
}

function hearSocket(
  socket: WebSocket,
  link: Link,
  state: LinkState,
  heartbeat: Heartbeat,
  { handlers, isCut }: LinkOptions,
): void {
  socket.on("message", (data, isBinary) => {
    if (state.isDeaf || isCut("in")) return;
    heartbeat.alive();
    if (isBinary || !Buffer.isBuffer(data)) {
      link.refuse({ closeCode: CLOSE.binary, code: "binary-frame", message: "frames are JSON text" });
      return;
    }
    const frame = decodeBytes(data);
    if ("problem" in frame) {
      link.refuse({ closeCode: CLOSE.protocol, ...frame.problem });
      return;
    }
    const error = errorIn(frame.messages);
    if (error === undefined) return handlers.frame(frame.messages, data.length);
    state.error = error;
    const others = frame.messages.filter((message) => message.type !== "error");
    if (others.length > 0) handlers.frame(others, data.length);
  });
  socket.on("ping", (data) => {
    if (isCut("in") || isCut("out") || socket.readyState !== socket.OPEN) return;
    // Pongs to a peer that does not read them would pile up.
    if (socket.bufferedAmount < PONG_BACKLOG_BYTES_MAX) socket.pong(data);
  });
  socket.on("pong", (data) => {
    if (!isCut("in")) heartbeat.answered(data.toString("latin1"));
  });
  // Without this listener an error on one socket would end the process. `close` follows every error.
  socket.on("error", (failure) => {
    state.why ||= describeFailure(failure);
  });
  socket.on("close", (closeCode, reason) => {
    state.isDeaf = true;
    state.cancelClose();
    heartbeat.stop();
    const { error, refusal } = state;
    const told = error?.message ?? reason.toString("utf8");
    handlers.closed({
      closeCode,
      why: printable(state.why || told || closeWords(closeCode)),
      error,
      refusal,
    });
  });
}

function errorIn(messages: readonly WireMessage[]): WireError | undefined {
  for (const message of messages) if (message.type === "error") return message;
  return undefined;
}

/** What stands where the other end said no farewell: its process was killed, or the link is cut. */
const NO_FAREWELL = 1006;

function closeWords(closeCode: number): string {
  return closeCode === NO_FAREWELL ? "the connection broke off" : `closed with ${closeCode}`;
}

/** A host with several addresses fails with an error for each, under one that has a code and no message. */
function describeFailure(failure: Error): string {
  if (failure.message !== "") return failure.message;
  return "code" in failure ? String(failure.code) : failure.name;
}
