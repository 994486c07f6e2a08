/** Pearson's correlation by its definition, with divisors of n - 1: what the sums of the statistics must amount to. */
export function naiveCorrelation(xs: readonly number[], ys: readonly number[]): number | null {
  const n = xs.length;
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / n;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const over = (term: (index: number) => number): number =>
    xs.reduce((sum, _, index) => sum + term(index), 0) / (n - 1);
  const dx = (index: number): number => xs[index]! - meanX;
  const dy = (index: number): number => ys[index]! - meanY;
  const [varX, varY] = [over((index) => dx(index) ** 2), over((index) => dy(index) ** 2)];
  // What does not vary has a variance of a few ulps at most.
  if (n < 2 || varX < 1e-15 || varY < 1e-15) return null;
  return over((index) => dx(index) * dy(index)) / Math.sqrt(varX * varY);
}
