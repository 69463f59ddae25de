/** The parts of the documentation that are generated from the catalog and the sweep language's schema, so that they stay current. */
import { z } from 'zod';
import { architectures, asArchitectureParams, networkLayers } from '../architectures.ts';
import type { Architecture } from '../architectures/architecture.ts';
import { backends } from '../backends.ts';
import type { Backend } from '../backends/backend.ts';
import { claimSets } from '../claims.ts';
import { datasets, fileDatasets } from '../datasets.ts';
import type { FileDataset } from '../datasets/dataset.ts';
import { pluginScience, wholeScience } from '../compute/science.ts';
import { losses } from '../losses.ts';
import { metricFamilies } from '../metrics.ts';
import type { MetricFamily } from '../metrics/metric.ts';
import { readFields } from '../part-kind.ts';
import { examples } from './examples.ts';
import {
  architectureSpec,
  attackSpec,
  datasetSpec,
  executionSpec,
  gridSpec,
  reportSpec,
  sweepDocument,
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
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: Schema | boolean;
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
function writtenAs({ type, enum: choice, anyOf, items, minimum, maximum, additionalProperties }: Schema): string {
  if (choice !== undefined) return choice.map(code).join(', ');
  if (anyOf !== undefined) return anyOf.map(writtenAsChoice).join(' or ');
  if (items !== undefined) return items.properties === undefined ? `list of ${writtenAs(items)}` : 'list of entries';
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    return `${writtenAs(additionalProperties)} by name`;
  if (type === 'integer' || type === 'number')
    return `${type === 'integer' ? 'whole number' : 'number'}, ${minimum} to ${maximum}`;
  return type === 'object' ? 'fields' : type === 'string' ? 'text' : type === 'boolean' ? '`true`, `false`' : '';
}

/** Fields of fields follow the field that holds them, as `volume.claimName` and `tolerations[].key`. */
function fieldRows({ properties = {}, required = [] }: Schema, elsewhere: Elsewhere, before = ''): Row[] {
  return Object.entries(properties).flatMap(([field, schema]) => {
    const name = `${before}${field}`;
    const entries = schema.items?.properties === undefined ? '' : '[]';
    const link = elsewhere[name];
    const meaning = [schema.description, link === undefined ? undefined : `fields: ${link}`].filter((text) => text !== undefined);
    const row = [`${code(name)}${required.includes(field) ? ' (required)' : ''}`, writtenAs(schema), meaning.join('; ')];
    const inner = entries === '' ? schema : schema.items!;
    return [row, ...(link === undefined ? fieldRows(inner, elsewhere, `${name}${entries}.`) : [])];
  });
}

/** Links to the sections that describe fields of fields, by field. */
type Elsewhere = Readonly<Record<string, string>>;

const fieldTable = (spec: z.ZodType, elsewhere: Elsewhere = {}): string =>
  table(['field', 'written as', 'meaning'], fieldRows(z.toJSONSchema(spec, { io: 'input' }) as Schema, elsewhere));

const example = (of: keyof typeof examples): string => `\`\`\`yaml\n${examples[of]}\n\`\`\``;

const partTable = (key: string, parts: Readonly<Record<string, { readonly name: string; readonly summary: string }>>): string =>
  table(
    [key, 'what it is'],
    Object.values(parts).map(({ name, summary }) => [code(name), summary]),
  );

type ArchitectureValues = Parameters<Architecture['nodes']>[0];

const layerNames = (part: Architecture, values: ArchitectureValues): readonly string[] =>
  networkLayers(asArchitectureParams(part, values)).map(({ name }) => name);

/** Which layers each field adds when it is one larger. */
function growthOf(part: Architecture, values: ArchitectureValues): string {
  const standard = layerNames(part, values);
  const added = Object.entries(values).flatMap(([field, value]) => {
    const more = layerNames(part, { ...values, [field]: Number(value) + 1 }).filter((name) => !standard.includes(name));
    return more.length === 0 ? [] : [`${code(`${field}: ${Number(value) + 1}`)} adds ${more.map(code).join(', ')}, and so on`];
  });
  return added.length === 0 ? 'the same for every width' : added.join('; ');
}

const architectureLayers = (): string =>
  table(
    ['name', 'layers by default', 'with other fields'],
    Object.values<Architecture>(architectures).map((part) => {
      const values = readFields(part, {}, () => undefined)!;
      const layers = networkLayers(asArchitectureParams(part, values));
      const names = layers.map(({ name, spatial }) => `${code(name)}${spatial ? '' : ' (vector)'}`);
      return [code(part.name), names.join(', '), growthOf(part, values)];
    }),
  );

const aboutLayers =
  'Names for `layer`, in order of depth; `all` is all of them, `last` the one before the classifier. A vector has one pooling, `flatten`.';

const section = (title: string, ...texts: readonly string[]): string => [`### ${title}`, ...texts].join('\n\n');

const ofTraining: Elsewhere = { attack: '[attack of a training](#attack-of-a-training)' };
const ofGrids: Elsewhere = {
  attack: "[entries of a grid's attack](#entries-of-a-grids-attack)",
  only: 'the axes',
  exclude: 'the axes',
};
const ofSpec: Elsewhere = {
  dataset: '[entries of dataset](#entries-of-dataset)',
  architecture: '[entries of architecture](#entries-of-architecture)',
  training: '[entries of training](#entries-of-training)',
  grids: '[entries of grids](#entries-of-grids)',
  execution: '[execution](#execution)',
  report: '[report](#report)',
};

const language = (): string =>
  [
    section('Entries of `dataset`', partTable('name', datasets), fieldTable(datasetSpec), example('dataset')),
    section('Entries of `architecture`', partTable('name', architectures), fieldTable(architectureSpec), example('architecture')),
    section('Layers of each architecture', aboutLayers, architectureLayers()),
    section('Entries of `training`', partTable('loss', losses), fieldTable(trainingSpec, ofTraining), example('training')),
    section('`attack` of a training', fieldTable(trainingAttackSpec), example('trainingAttack')),
    section('Entries of `grids`', fieldTable(gridSpec, ofGrids), example('grids')),
    section("Entries of a grid's `attack`", fieldTable(attackSpec), example('attack')),
    section('`execution`', partTable('backend', backends), fieldTable(executionSpec), example('execution')),
    section('`report`', partTable('claims', claimSets), fieldTable(reportSpec), example('report')),
    section('`spec`', fieldTable(sweepSpec, ofSpec), example('spec')),
    section('`metadata`', fieldTable(sweepDocument.shape.metadata)),
  ].join('\n\n');

function classesText({ classes, format }: FileDataset): string {
  if (classes !== undefined) return `${classes} classes`;
  return format.kind === 'class-folders' ? 'one class per folder' : 'one class per label';
}

function imagesText(dataset: FileDataset): string {
  const { side, channels } = dataset;
  if (side === 'own') return `of any one size, ${classesText(dataset)}`;
  const size = side === 'chosen' ? '`imageSize`' : String(side);
  return `${size}×${size}×${channels}, ${classesText(dataset)}`;
}

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
    Object.entries({ ...wholeScience(), ...pluginScience }).map(([name, version]) => [code(name), String(version)]),
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
