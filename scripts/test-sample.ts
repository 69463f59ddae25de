/**
 * Draws test files of a tier: a run with little time runs a part of the slowest tiers, each commit another one. NCSWEEP_SAMPLE says
 * how large the parts are: `kube/3,pods/2` is a third of the files of kube and half of those of pods.
 */
import { createHash } from 'node:crypto';

const form = /^([a-z]+)\/([1-9]\d?)$/;

/**
 * @param text of NCSWEEP_SAMPLE
 * @param tiers names of those that can be drawn from
 * @param refuse is told what was found and expected
 * @returns tier → of how many parts one runs
 */
export function readSample(text: string, tiers: readonly string[], refuse: (why: string) => never): ReadonlyMap<string, number> {
  const shares = text.split(',').filter(Boolean);
  return new Map(
    shares.map((share) => {
      const [, tier = '', parts = ''] = form.exec(share) ?? [];
      if (!tiers.includes(tier))
        refuse(`NCSWEEP_SAMPLE: expected a tier and a number of parts, such as kube/3, of ${tiers.join(', ')}; found ${share}`);
      return [tier, Number(parts)];
    }),
  );
}

/**
 * @param files in any order
 * @param parts one of so many is drawn, rounded up
 * @param seed another one draws others; equal ones draw the same
 */
export function drawn(files: readonly string[], parts: number, seed: string): string[] {
  const rank = (file: string): string => createHash('sha256').update(`${seed} ${file}`).digest('hex');
  const ranked = files.map((file) => ({ file, rank: rank(file) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked
    .slice(0, Math.ceil(files.length / parts))
    .map(({ file }) => file)
    .sort();
}
