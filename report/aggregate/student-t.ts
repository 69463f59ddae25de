/** Student's t distribution: its distribution function from the regularised incomplete beta function, and quantiles by bisection. */

/** Lanczos' approximation (g = 7, nine terms); relative error below 1e-13 for x > 0. */
function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905, -0.13857109526572012,
    9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const base = coefficients.reduce((sum, c, i) => sum + c / (x + i), 0.9999999999998099);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(base);
}

/** Continued fraction of the incomplete beta function, by Lentz's method; converges fast for x < (a+1)/(a+b+2). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const guard = (v: number): number => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const numerator of [even, odd]) {
      d = 1 / guard(1 + numerator * d);
      c = guard(1 + numerator / c);
      value *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

/** I_x(a, b) for x in [0, 1]; `rest` is 1 − x, passed separately so that it keeps its digits when x is near 1. */
function incompleteBeta(x: number, rest: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(rest, b, a)) / b;
}

/** P(T > t) for `df` > 0 degrees of freedom; accurate in the upper tail. */
export function upperTail(t: number, df: number): number {
  if (t === Infinity) return 0;
  if (t < 0) return 1 - upperTail(-t, df);
  return 0.5 * incompleteBeta(df / (df + t * t), (t * t) / (df + t * t), df / 2, 0.5);
}

/** The t with P(T ≤ t) = p, for p in [0.5, 1). */
export function quantile(p: number, df: number): number {
  const tail = 1 - p;
  let high = 1;
  while (upperTail(high, df) > tail) high *= 2;
  let low = 0;
  for (let i = 0; i < 100; i += 1) {
    const middle = (low + high) / 2;
    if (upperTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
