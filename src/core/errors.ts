/** Every error a user can meet: its exit status (sysexits numbers where one fits) and the next step. */
export const ERROR_CODES = {
  TPC_USAGE: { exitCode: 64, hint: "run `2pc-console --help`" },
  TPC_BAD_INPUT: { exitCode: 65, hint: "correct the named place and try again" },
  TPC_LOG_CORRUPT: { exitCode: 65, hint: "restore the directory from a copy; do not truncate the log" },
  // Not 65, after which data is restored from a copy: the data is whole, and what is installed does not fit it, as in TPC_NODE_VERSION.
  TPC_FORMAT: {
    exitCode: 78,
    hint: "use the version of 2pc-console that wrote it, or another --data directory; nothing was changed",
  },
  TPC_TRACE_VERSION: { exitCode: 78, hint: "use the 2pc-console that wrote it, or a newer one" },
  TPC_NO_INPUT: { exitCode: 66, hint: "check the path and its permissions" },
  TPC_UNREACHABLE: { exitCode: 69, hint: "start the node, or check the URL" },
  TPC_NODE_FAILED: { exitCode: 70, hint: "read the node's log" },
  TPC_INTERNAL: { exitCode: 70, hint: "this is a defect; keep the log directory and report it" },
  TPC_PORT_TAKEN: { exitCode: 71, hint: "choose another --listen address, or port 0 for any free one" },
  // The same where nobody chose an address: a supervised node listens again where its peers know it.
  TPC_PORT_LOST: {
    exitCode: 71,
    hint: "end that process and restart the node, or start the whole cluster anew: it takes free ports",
  },
  TPC_DATA_DIR: { exitCode: 73, hint: "choose another --data directory, or mend its permissions" },
  TPC_OUTPUT: { exitCode: 73, hint: "choose another path, or mend its permissions" },
  TPC_LOG_WRITE: { exitCode: 74, hint: "check free disk space; the node stopped before replying" },
  TPC_DIR_LOCKED: { exitCode: 75, hint: "stop the other process, or use another --data directory" },
  TPC_PROTOCOL: { exitCode: 76, hint: "use the same version at both ends" },
  TPC_TOKEN: {
    exitCode: 77,
    hint: "give the cluster's token with --token-file; a node with --data DIR keeps its own in DIR/token",
  },
  TPC_FORBIDDEN: { exitCode: 77, hint: "start the node with --fault-injection" },
  TPC_NODE_VERSION: { exitCode: 78, hint: "install Node.js 22.13 or newer" },
  TPC_CONFIG: { exitCode: 78, hint: "correct the configuration" },
  TPC_NO_TERMINAL: { exitCode: 64, hint: "use `2pc-console run` for a headless run" },
} as const satisfies Record<string, { exitCode: number; hint: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class: a code, and a message that names what was wrong and where. */
export class TpcError extends Error {
  readonly code: ErrorCode;
  /** With a request whose answer did not come: false if it certainly never left, true if it may have been carried out. */
  readonly sent: boolean | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; sent?: boolean }) {
    super(message, options);
    this.name = "TpcError";
    this.code = code;
    this.sent = options?.sent;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }
}

/** The one line a user reads: code, what was wrong, the next step. */
export function errorLine(error: TpcError): string {
  return `${error.code}: ${error.message}; ${ERROR_CODES[error.code].hint}`;
}

/** For switches that must name every case. */
export function assertNever(value: never, what: string): never {
  throw new TpcError("TPC_INTERNAL", `unhandled ${what}: ${JSON.stringify(value)}`);
}

/** Our own broken invariant: throws, and the node stops. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TpcError("TPC_INTERNAL", `invariant broken: ${message}`);
}
