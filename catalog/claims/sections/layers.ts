import { share } from './curves.ts';
import type { Series, SettingSection } from './section.ts';

/** Nearest-class-center accuracy with clean means, layer by layer. */
const series: readonly Series[] = [
  { name: 'clean', metric: 'ncc_accuracy_clean_means', attack: 'clean', colour: 'ink-soft', dash: '', symbol: 'circle' },
  {
    name: 'transferred attack',
    metric: 'ncc_accuracy_clean_means',
    attack: 'pgd',
    colour: 'vermillion',
    dash: '',
    symbol: 'triangle',
  },
  {
    name: 'adaptive attack on this layer',
    metric: 'adaptive_ncc_accuracy',
    attack: 'adaptive',
    colour: 'blue',
    dash: '8 3 2 3',
    symbol: 'diamond2',
  },
  {
    name: 'raw pixels, adaptive',
    metric: 'adaptive_ncc_accuracy',
    attack: 'adaptive',
    colour: 'blue',
    dash: '2 3',
    symbol: 'circle',
    isFaint: true,
    isOfInput: true,
  },
  {
    name: 'untrained network, clean',
    metric: 'ncc_accuracy_clean_means',
    attack: 'clean',
    epoch: 0,
    colour: 'green',
    dash: '6 4',
    symbol: 'square2',
  },
];

export const layers: SettingSection = {
  per: 'setting',
  id: 'layers',
  short: 'Layers',
  title: 'Nearest-class-center accuracy by layer',
  lead:
    'A transferred attack was aimed at the network’s output and may simply miss the early layers. The adaptive attack is aimed at ' +
    'each layer’s own classifier: only what stays above raw pixels there is robustness of the layer.',
  key: series,
  blocks: [
    {
      kind: 'panels',
      hasLegend: false,
      panels: [
        {
          kind: 'curve',
          title: '{training}, {pooling}',
          x: 'layer',
          each: 'training and pooling',
          y: { label: 'NCC accuracy, clean means', ...share },
          series,
        },
        {
          kind: 'margin',
          title: '{training}: adaptive, layer − raw pixels or chance',
          description: 'NCC accuracy of each layer minus raw pixels under the adaptive attack, {training}',
          label: 'NCC accuracy, layer − raw pixels or chance',
          claim: 4,
          contrast: 'adaptive-raw',
          none: 'no layer clearly beats raw pixels under its own attack',
        },
      ],
    },
    {
      kind: 'panels',
      lead:
        'Separation D (spread within classes against spread between them): the tables give the line through log D, its correlation and ' +
        'its decay per layer.',
      hasLegend: true,
      panels: [
        {
          kind: 'curve',
          title: 'Separation D, training data, flattened (log)',
          x: 'layer',
          y: { label: 'separation D' },
          scale: 'log',
          series: [
            { name: '{training}, clean', metric: 'separation', attack: 'clean', dash: '2 3' },
            { name: '{training}, {attack}', metric: 'separation', attack: 'pgd', dash: '' },
          ],
        },
      ],
    },
  ],
};
