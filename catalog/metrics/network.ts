import { defineMetrics, positive, share, code } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const network = defineMetrics({
  name: 'network',
  summary: 'What the network itself predicts',
  entries: {
    accuracy: {
      tolerance: tolerances.share,
      ...share,
      label: 'accuracy',
      formula: 'P(network prediction = y)',
      source: code,
      needs: ['predictions'],
    },
    loss: {
      tolerance: tolerances.size,
      ...positive,
      label: 'cross-entropy',
      formula: 'mean of −log softmax(logits)_y',
      unit: 'nats',
      source: code,
      needs: ['logits'],
    },
  },
});
