/** Numbers, one behind the other. */
export interface Column {
  push(value: number): void;
  size(): number;
  /** 0 beyond its end. */
  at(index: number): number;
}

/** A column of numbers that grows; an array of numbers takes several times the room. */
export function growing<Numbers extends Uint32Array | Float64Array | Uint8Array>(
  make: (size: number) => Numbers,
): Column {
  let column = make(1_024);
  let size = 0;
  return {
    push(value: number) {
      if (size === column.length) {
        const larger = make(size * 2);
        larger.set(column);
        column = larger;
      }
      column[size] = value;
      size += 1;
    },
    size: () => size,
    at: (index) => column[index] ?? 0,
  };
}
