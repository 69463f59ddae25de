/** The parts of the documentation that are generated from the catalog and the sweep language's schema, so that they stay current. */
import { z } from 'zod';
import { architectures } from '../architectures.ts';
import { backends } from '../backends.ts';
import type { Backend } from '../backends/backend.ts';
import { claimSets } from '../claims.ts';
import { datasets, fileDatasets } from '../datasets.ts';
import type { FileDataset } from '../datasets/dataset.ts';
import { wholeScience } from '../compute/science.ts';
import { losses } from '../losses.ts';
import { metricFamilies } from '../metrics.ts';
import type { MetricFamily } from '../metrics/metric.ts';
import {
  architectureSpec,
  attackSpec,
  datasetSpec,
  executionSpec,
  gridSpec,
  reportSpec,
  sweepSpec,
  trainingAttackSpec,
  trainingSpec,
} from './spec.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

type Row = readonly string[];

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;');
const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const code = (text: unknown): string => `\`${String(text)}\``;

/** Bounds of a value that can be written in several ways are in its description. */
const writtenAsChoice = (schema: Schema): string =>
  schema.enum === undefined && schema.items === undefined ? (schema.type ?? '').replace('string', 'text') : writtenAs(schema);

/** How a value is written. */
function writtenAs({ type, enum: choice, anyOf, items, minimum, maximum }: Schema): string {
  if (choice !== undefined) return choice.map(code).join(', ');
  if (anyOf !== undefined) return anyOf.map(writtenAsChoice).join(' or ');
  if (items !== undefined) return items.properties === undefined ? `list of ${writtenAs(items)}` : 'list of entries';
  if (type === 'integer' || type === 'number')
    return `${type === 'integer' ? 'whole number' : 'number'}, ${minimum} to ${maximum}`;
  return type === 'object' ? 'fields' : type === 'string' ? 'text' : type === 'boolean' ? '`true`, `false`' : '';
}

function fieldTable(spec: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(spec, { io: 'input' }) as Schema;
  const rows = Object.entries(properties).map(([field, schema]) => [
    `${code(field)}${required.includes(field) ? ' (required)' : ''}`,
    writtenAs(schema),
    schema.description ?? '',
  ]);
  return table(['field', 'written as', 'meaning'], rows);
}

const partTable = (key: string, parts: Readonly<Record<string, { readonly name: string; readonly summary: string }>>): string =>
  table(
    [key, 'what it is'],
    Object.values(parts).map(({ name, summary }) => [code(name), summary]),
  );

const section = (title: string, ...texts: readonly string[]): string => [`### ${title}`, ...texts].join('\n\n');

const language = (): string =>
  [
    section('Entries of `dataset`', partTable('name', datasets), fieldTable(datasetSpec)),
    section('Entries of `architecture`', partTable('name', architectures), fieldTable(architectureSpec)),
    section('Entries of `training`', partTable('loss', losses), fieldTable(trainingSpec)),
    section('`attack` of a training', fieldTable(trainingAttackSpec)),
    section('Entries of `grids`', fieldTable(gridSpec)),
    section("Entries of a grid's `attack`", fieldTable(attackSpec)),
    section('`execution`', partTable('backend', backends), fieldTable(executionSpec)),
    section('`report`', partTable('claims', claimSets), fieldTable(reportSpec)),
    section('`spec`', fieldTable(sweepSpec)),
  ].join('\n\n');

const imagesText = ({ side, channels, classes }: FileDataset): string => {
  if (side === 'own') return 'of any one size, one class per label';
  const size = side === 'chosen' ? '`imageSize`' : String(side);
  return `${size}×${size}×${channels}, ${classes === undefined ? 'one class per folder' : `${classes} classes`}`;
};

const datasetFiles = (): string =>
  table(
    ['name', 'files in `path`', 'images'],
    Object.values<FileDataset>(fileDatasets).map((dataset) => [code(dataset.name), dataset.looks, imagesText(dataset)]),
  );

const backendTable = (): string =>
  table(
    ['backend', 'computes with', 'available', 'repeated runs'],
    Object.values<Backend>(backends).map(({ name, summary, setUp, repeats }) => [
      code(name),
      summary,
      setUp === undefined ? 'always' : `after ${code(setUp)}`,
      repeats,
    ]),
  );

const scienceTable = (): string =>
  table(
    ['name', 'version'],
    Object.entries(wholeScience()).map(([name, version]) => [code(name), String(version)]),
  );

const metricTable = (): string =>
  table(
    ['metric', 'family', 'shape', 'formula', 'needs'],
    Object.values<MetricFamily>(metricFamilies).flatMap(({ name: family, entries }) =>
      Object.entries(entries).map(([name, { shape, formula, needs }]) => [
        code(name),
        code(family),
        shape,
        formula,
        needs.join(', '),
      ]),
    ),
  );

/** Generated text by document and by the name of its place there. */
export const references = (): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  'docs/spec.md': { reference: language() },
  'docs/datasets.md': { files: datasetFiles() },
  'docs/native.md': { backends: backendTable() },
  'docs/compute-protocol.md': { science: scienceTable(), metrics: metricTable() },
});

/** A document with the text at one of its places replaced. @throws TypeError when it has no such place */
export function withReference(document: string, place: string, text: string): string {
  const begin = `<!-- made by scripts/write-schema.ts: ${place} -->`;
  const end = `<!-- end of ${place} -->`;
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new TypeError(`no place "${begin} … ${end}" in the document`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
