import type { Injected } from "../schema/injection.ts";

/** Each thing that is injected into a node, in a few words: `vote-no ×2`, `crash at sent-vote`, `link to ledger cut`. */
export function injectedWords({ faults, points, cuts, isHolding }: Injected): readonly string[] {
  const times = (count: number): string => (count === 1 ? "" : ` ×${count}`);
  return [
    ...faults.map(({ fault, count }) => `${fault}${times(count)}`),
    ...points.map(({ point, count }) => `crash at ${point}${times(count)}`),
    ...cuts.map(
      ({ peer, direction }) => `link to ${peer} cut${direction === "both" ? "" : `, ${direction}`}`,
    ),
    ...(isHolding ? ["holds its messages"] : []),
  ];
}
