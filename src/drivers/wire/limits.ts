/** Bytes of one frame from node to node, and the most a node reads before a peer has proved itself. */
export const FRAME_BYTES_MAX = 1024 * 1024;

/**
 * Bytes of one frame from a client. Less than a frame between nodes, so that the `prepare` that carries a client's
 * operations on, with the addresses of all participants, always fits into one.
 */
export const CLIENT_FRAME_BYTES_MAX = 256 * 1024;

/** Bytes of one frame from a node to a client: a snapshot grows with what the participant keeps. */
export const SNAPSHOT_FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** Above this many unsent bytes protocol messages to a peer are dropped; the protocol sends them again. */
export const BACKLOG_DROP_BYTES = 8 * 1024 * 1024;

/** Above this many unsent bytes the link to a peer is cut. */
export const BACKLOG_CUT_BYTES = 16 * 1024 * 1024;

/** A client lags behind when it leaves this many bytes unread beyond the one message it got last with nothing before it. */
export const CLIENT_LAGGING_BYTES = 1024 * 1024;

/** Above this many unsent bytes to all clients together, one that lags behind is cut when there is more for it. */
export const CLIENTS_BACKLOG_BYTES_MAX = 8 * 1024 * 1024;

/** Above this many unsent bytes pings are not answered: what is on its way is sign enough of life. */
export const PONG_BACKLOG_BYTES_MAX = 256 * 1024;

/** Names of other nodes that a run learns at most, whoever tells them. */
export const NAMES_MAX = 200;

/** Nodes in one directory, at most, as its schema has it: a peer would refuse a larger one, and the link with it. */
export const DIRECTORY_NODES_MAX = 256;

/** Addresses that are dialled, or rest until they are wanted again, at most. */
export const DIALERS_MAX = 256;

/** Connections that have not said a valid hello yet, at most. */
export const STRANGERS_MAX = 64;

/** Connections that have not sent a whole request yet, at most. */
export const SILENT_MAX = 512;

/** Connections of every kind, at most. */
export const CONNECTIONS_MAX = 2048;

/** Periods in milliseconds; tests shorten them. */
export interface WireTiming {
  /** From the open socket to a valid hello. */
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Heartbeats in a row without any sign of life, after which a link is dead. */
  readonly heartbeatsMissedMax: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Between attempts at a peer that refused this node's token or version. */
  readonly refusedRetryMs: number;
  /** How long a link dialled on demand is still wanted after the last message for it. */
  readonly demandMs: number;
  /** How long the other end has to answer a close. */
  readonly closeTimeoutMs: number;
}

export const WIRE_TIMING: WireTiming = {
  helloTimeoutMs: 5_000,
  heartbeatMs: 1_000,
  heartbeatsMissedMax: 4,
  backoffMinMs: 50,
  backoffMaxMs: 2_000,
  refusedRetryMs: 10_000,
  demandMs: 30_000,
  closeTimeoutMs: 1_000,
};

/** WebSocket close codes: 1000–1015 by RFC 6455, 4000–4999 are ours. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  binary: 1003,
  policy: 1008,
  tooBig: 1009,
  protocol: 4400,
  token: 4401,
  forbidden: 4403,
  noHello: 4408,
  redundant: 4409,
  nameTaken: 4410,
} as const;
