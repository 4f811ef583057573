/** The named moments at which a crash leaves the log in a different state. */
export const LOG_POINTS = [
  "log-written",
  "log-forced",
  "rotate-closed",
  "rotate-created",
  "rotate-started",
  "rotate-synced",
  "rotate-marked",
  "page-written",
  "page-forced",
  "pages-synced",
  "checkpoint-written",
  "checkpoint-forced",
  "checkpoint-renamed",
  "checkpoint-synced",
  "checkpoint-marked",
  "checkpoint-deleted",
  "recovery-read",
  "recovery-swept",
  "recovery-written",
  "recovery-forced",
  "recovery-renamed",
  "recovery-synced",
  "recovery-claimed",
  "recovery-done",
  "shutdown-forced",
  "shutdown-marked",
] as const;
export type LogPoint = (typeof LOG_POINTS)[number];

/** Called when the log gets to a point; a test or a simulation crashes there. */
export type Reach = (point: LogPoint) => void;
