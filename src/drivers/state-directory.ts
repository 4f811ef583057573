import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where state lives that nobody gave a place: `$XDG_STATE_HOME/2pc-console`, else `~/.local/state/2pc-console`.
 * A relative `XDG_STATE_HOME` does not count, as the XDG base directory specification demands. Makes nothing.
 */
export function stateDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const base = environment.XDG_STATE_HOME;
  const home = base !== undefined && isAbsolute(base) ? base : join(homedir(), ".local", "state");
  return join(home, "2pc-console");
}
