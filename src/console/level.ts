/** How grave a line of the log is, the least first. */
export const LEVELS = ["detail", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
