import { userInfo } from "node:os";

/** The longest name that a log record takes, in characters. */
const NAME_LENGTH_MAX = 64;

/** Who decides by hand: the user's name, or its number where the machine has no name for it. */
export function userName(): string {
  return nameOrNumber().slice(0, NAME_LENGTH_MAX);
}

function nameOrNumber(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER || `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
