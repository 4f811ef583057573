import { Option } from "commander";
import { DEFAULT_URL, nodeUrlArgument } from "./arguments.ts";

/** Told how a command ended: its exit status, or null when it goes on by itself. */
export type Finish = (status: number | null) => void;

export function tokenOption(): Option {
  return new Option("--token-file <file>", "the cluster's token; the state directory's where absent");
}

export function toOption(): Option {
  return new Option("--to <url>", "any node of the cluster").argParser(nodeUrlArgument).default(DEFAULT_URL);
}
