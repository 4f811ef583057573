/** What a distribution of durations looks like, in milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Counts durations in buckets whose width grows with the value, as HDR histograms do: every value up to an hour is kept
 * with an error below a thousandth, in a fixed 190 KB, however many there are.
 */
export interface Histogram {
  add(durationMs: number): void;
  count(): number;
  /** Null while it is empty. */
  quantiles(): Quantiles | null;
}

/** Values below twice this have a bucket of one microsecond each; above, every doubling has this many buckets. */
const BUCKETS_A_DOUBLING = 1_024;
const BUCKET_BITS = 10;
const MICROSECONDS_MAX = 2 ** 32 - 1;

export function createHistogram(): Histogram {
  const counts = new Float64Array(bucketOf(MICROSECONDS_MAX) + 1);
  let count = 0;
  let maxMs = 0;

  const quantile = (share: number): number => {
    let left = Math.ceil(count * share);
    for (let bucket = 0; bucket < counts.length; bucket += 1) {
      left -= counts[bucket] ?? 0;
      if (left <= 0) return Math.min(maxMs, highestIn(bucket) / 1_000);
    }
    return maxMs;
  };

  return {
    add(durationMs) {
      const bucket = bucketOf(Math.min(MICROSECONDS_MAX, Math.max(0, Math.round(durationMs * 1_000))));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      if (durationMs > maxMs) maxMs = durationMs;
    },
    count: () => count,
    quantiles: () =>
      count === 0 ? null : { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: maxMs },
  };
}

function bucketOf(microseconds: number): number {
  const doublings = Math.max(0, 31 - BUCKET_BITS - Math.clz32(microseconds));
  return doublings * BUCKETS_A_DOUBLING + Math.floor(microseconds / 2 ** doublings);
}

/** The highest value that falls into a bucket. */
function highestIn(bucket: number): number {
  const doublings = Math.max(0, Math.floor(bucket / BUCKETS_A_DOUBLING) - 1);
  return (bucket - doublings * BUCKETS_A_DOUBLING + 1) * 2 ** doublings - 1;
}
