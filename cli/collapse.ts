/** `ncsweep collapse`: a sweep's metrics for arrays made elsewhere (docs/collapse.md). */
import process from 'node:process';
import type { CollapseOutput } from '@ncsweep/collapse';
import { metricDictionary } from '@ncsweep/catalog/metrics';
import { collapseFiles } from 'ncsweep/collapse-files';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { outputOption } from './shared-options.ts';

const file = (describe: string, demandOption = false) => ({ type: 'string', requiresArg: true, describe, demandOption }) as const;

export const collapseCommand = defineCommand({
  ...listedCommands.collapse,
  builder: (yargs) =>
    yargs
      .options({
        features: { ...file('features of one layer [N, d], clean', true), demandOption: true },
        labels: { ...file('classes 0..K-1 [N]', true), demandOption: true },
        'perturbed-features': file('features of the same samples after an attack [N, d]'),
        weights: file('weights of the linear classifier on these features [K, d]'),
        bias: file('bias of that classifier [K]; with it, predictions that are not given are computed'),
        predictions: file('predictions of the network [N], on the perturbed features if given, otherwise on the clean ones'),
        'clean-predictions': file('predictions of the network on the clean features [N], with --perturbed-features'),
        classes: {
          type: 'number',
          requiresArg: true,
          describe: 'number of classes K, if labels and weights do not determine it',
        },
        ...outputOption,
      })
      .example('$0 collapse --features h.npy --labels y.npy -o json', 'nc1 to nc3 and nearest-mean accuracy, as JSON')
      .example(
        '$0 collapse --features all.npz --labels all.npz:y',
        'arrays of an archive, by the name of the option or their own',
      ),
  handler: (args) => {
    const output = collapseFiles(args);
    process.stdout.write(args.output === 'json' ? `${JSON.stringify(output, null, 2)}\n` : renderTable(output));
  },
});

/** One line per scalar, in the order of the dictionary. */
function renderTable({ conventions, clean, perturbed, notRepresentable }: CollapseOutput): string {
  const cell = (value: unknown): string => (typeof value === 'number' ? value.toPrecision(6) : '').padStart(14);
  const lines = Object.entries(metricDictionary).flatMap(([name, { label, unit }]) => {
    if (typeof (clean[name] ?? perturbed?.[name]) !== 'number') return [];
    const values = cell(clean[name]) + (perturbed ? cell(perturbed[name]) : '');
    return [`${name.padEnd(26)}${values}  ${label}${unit === '' ? '' : ` [${unit}]`}`];
  });
  const { samples, dimension, classes } = conventions;
  const head = `${''.padEnd(26)}${'clean'.padStart(14)}${perturbed ? 'perturbed'.padStart(14) : ''}`;
  const title = `${String(samples)} samples, ${String(classes)} classes, dimension ${String(dimension)}`;
  const left = notRepresentable ? [`Too large or too small for float64: ${notRepresentable.join(', ')}`] : [];
  return [title, head, ...lines, ...left, 'Values by class, matrices and conventions: -o json', ''].join('\n');
}
