/** Spread within classes relative to spread between them: nc1 and its variants, the separation, the conditioning of Sigma_B. */
import { mean, scalar, type MetricRecord } from './metric-record.ts';
import { symmetricEigen, type Eigen } from './symmetric-eigen.ts';

/** An eigenvalue of Sigma_B counts (rank, pseudo-inverse) when it exceeds this share of the largest. */
export const rankTolerance = 1e-10;

/** Sums accumulated by the second pass; P classes are present. */
export interface WithinSums {
  /** Samples of each class present [P]. */
  readonly counts: Int32Array;
  /** Σ ‖h − mu_y‖² over each class [P]. */
  readonly squares: Float64Array;
  /** Σ p pᵀ with p = Mᵀ(h − mu_y), upper triangle [P, P]. */
  readonly scatter: Float64Array;
}

/** @param gram MᵀM of the centred means [P, P] */
export function withinClassRecords(gram: Float64Array, sums: WithinSums): readonly MetricRecord[] {
  const n = sums.counts.length;
  const total = sums.counts.reduce((a, b) => a + b, 0);
  const scatter = mirrored(sums.scatter, n);
  const eigen = symmetricEigen(gram, n);
  const rank = rankOf(eigen);
  const between = trace(gram, n);
  const within = sums.squares.reduce((a, b) => a + b, 0) / total;
  const nc1 = rank === 0 ? NaN : (n / total) * traceOfPseudoInverse(eigen, rank, scatter, n);
  return [
    ...scalar('nc1', nc1),
    ...scalar('nc1_per_class', nc1 / n),
    ...scalar('nc1_quotient', within / (between / n)),
    ...scalar('cdnv', cdnv(gram, sums)),
    ...scalar('separation', separation(gram, scatter, sums.counts)),
    ...scalar('sigma_b_rank', rank),
    ...scalar('sigma_b_condition', rank === 0 ? NaN : eigen.values[0]! / eigen.values[rank - 1]!),
  ];
}

const trace = (matrix: Float64Array, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]!;
  return sum;
};

const rankOf = ({ values }: Eigen): number =>
  values[0] !== undefined && values[0] > 0 ? values.filter((value) => value > rankTolerance * values[0]!).length : 0;

/**
 * Σ over samples of ‖(M Mᵀ)^(−1/2) projected residual‖², from K×K numbers only: with MᵀM = Σ λ_k v_k v_kᵀ the left singular vectors of M
 * are u_k = M v_k / √λ_k, so that u_kᵀr = v_kᵀp / √λ_k and the sum is Σ_k v_kᵀ(Σ p pᵀ)v_k / λ_k².
 */
function traceOfPseudoInverse({ values, vectors }: Eigen, rank: number, scatter: Float64Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < rank; k++) {
    let form = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) form += vectors[k * n + i]! * scatter[i * n + j]! * vectors[k * n + j]!;
    }
    sum += form / values[k]! ** 2;
  }
  return sum;
}

/** NaN when class means coincide, which leaves no distance to divide by. */
function cdnv(gram: Float64Array, { counts, squares }: WithinSums): number {
  const n = counts.length;
  const pairs: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = gram[i * n + i]! + gram[j * n + j]! - 2 * gram[i * n + j]!;
      pairs.push(distance > 0 ? (squares[i]! / counts[i]! + squares[j]! / counts[j]!) / (2 * distance) : NaN);
    }
  }
  return mean(pairs);
}

/** D = Tr(SS_W SS_B⁺): centred by the mean over samples, SS_B = Σ f_c (mu_c − mu)(mu_c − mu)ᵀ with f_c the share of class c (He & Su). */
function separation(gram: Float64Array, scatter: Float64Array, counts: Int32Array): number {
  const n = counts.length;
  const total = counts.reduce((a, b) => a + b, 0);
  const shares = Float64Array.from(counts, (count) => count / total);
  const eigen = symmetricEigen(reweighted(gram, shares), n);
  const rank = rankOf(eigen);
  return rank === 0 ? NaN : traceOfPseudoInverse(eigen, rank, reweighted(scatter, shares), n) / total;
}

/** AᵀGA with A turning the columns m_c of M into √f_c (m_c − Σ_k f_k m_k). */
function reweighted(matrix: Float64Array, shares: Float64Array): Float64Array {
  const n = shares.length;
  const shift = Float64Array.from({ length: n }, (_, i) => shares.reduce((sum, f, k) => sum + f * matrix[i * n + k]!, 0));
  const centre = shares.reduce((sum, f, k) => sum + f * shift[k]!, 0);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return Math.sqrt(shares[i]! * shares[j]!) * (matrix[at]! - shift[i]! - shift[j]! + centre);
  });
}

function mirrored(upper: Float64Array, n: number): Float64Array {
  const full = Float64Array.from(upper);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) full[i * n + j] = upper[j * n + i]!;
  return full;
}
