/**
 * The made dataset `moons` (Pezeshki et al., arXiv 2011.09468, `mohammadpz/Gradient_Starvation`): two arcs that interlock, moved apart
 * along the second coordinate until a gap of twice the margin Δ separates them there. With t from U(0, π) and n from N(0, I), classes 0 and 1 are
 *
 *   (cos t − 1/2, |sin t + 0.3 − 1/4 + 0.1 n₂| + Δ)   and   (1/2 − cos t, −|1/4 − sin t − 0.3 + 0.1 n₂| − Δ),
 *
 * the first coordinate with 0.1 n₁ added. 1/4 is the mean that the source subtracts from its sample; as a constant it lets no example depend
 * on another. A coordinate x is the pixel 1/2 + x/8. Labels alternate. The same draws are made for every margin, so that data are paired.
 */
import { fillNormal, randomKey, uniforms } from '../random.ts';
import { splitInMemory, type Generator, type Split } from './dataset.ts';

const noise = 0.1;
const separation = 0.3;
const centre = 0.25;

export const makeMoons: Generator<'moons'> = ({ margin, testMargin = margin, trainPerClass, testPerClass }, seed) => ({
  train: makeSplit(seed, 'train', 2 * trainPerClass, margin),
  test: makeSplit(seed, 'test', 2 * testPerClass, testMargin),
});

function makeSplit(seed: number, name: string, count: number, margin: number): Split {
  const keys = { angle: randomKey(seed, `data/${name}/angle`), noise: randomKey(seed, `data/${name}/noise`) };
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = new Float32Array(2 * count);
  const grain = new Float32Array(2);
  for (const [i, label] of labels.entries()) {
    const t = Math.PI * uniforms(keys.angle, i, 1)[0]!;
    fillNormal(keys.noise, i, grain);
    const side = label === 0 ? 1 : -1;
    const height = side * (Math.sin(t) + separation - centre) + noise * grain[1]!;
    const point = [side * (Math.cos(t) - 0.5) + noise * grain[0]!, side * (Math.abs(height) + margin)];
    pixels.set(
      point.map((x) => Math.min(1, Math.max(0, 0.5 + x / 8))),
      2 * i,
    );
  }
  return splitInMemory(pixels, labels);
}
