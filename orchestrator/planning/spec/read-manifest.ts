/** The text of a plugin.yaml → a manifest, with every problem at its line. */
import { pluginManifest, type PluginManifest, type PluginPart } from '@ncsweep/catalog/plugins/manifest';
import { codesOf } from '@ncsweep/catalog/plugins/part-code';
import type { Factor } from '@ncsweep/catalog/plugins/part-fields';
import { parameterFields } from '@ncsweep/catalog/plugins/parameter';
import { expectedText } from './decode.ts';
import { dataOf, parseYaml } from './parse-yaml.ts';
import { foundText, inFileOrder, InvalidSweepError, type Problem, type SpecPath, valueAt } from './problem.ts';

const problemAt = (path: SpecPath, found: unknown, expected: string, remedy: string): Problem => ({
  path,
  found: foundText(found),
  expected,
  remedy,
});

/** The function of a part must exist. @param at of the part */
function functionProblems(part: PluginPart, at: SpecPath, files: ReadonlyMap<string, string>): Problem[] {
  return codesOf(part).flatMap(({ language, field, file, function: name }) => {
    const text = files.get(file);
    const path = [...at, field];
    const written = `${file}:${name}`;
    if (text === undefined) {
      const there = [...files.keys()].filter((each) => each.endsWith(language === 'TypeScript' ? '.ts' : '.py'));
      const remedy = `the folder has ${there.join(', ') || `no ${language} files`}`;
      return [problemAt(path, written, 'a file of this folder', remedy)];
    }
    if (text.split(/[^\w$]+/).includes(name)) return [];
    return [problemAt(path, written, `a function of ${file}`, `define ${name} in ${file}`)];
  });
}

/** Defaults must be values of their parameters. */
function defaultProblems({ params }: PluginPart, at: SpecPath): Problem[] {
  return Object.entries(parameterFields(params)).flatMap(([parameter, field]) => {
    const value = params[parameter]?.default;
    const issue = value === undefined ? undefined : field.safeParse(value).error?.issues[0];
    if (issue === undefined) return [];
    return [problemAt([...at, 'params', parameter, 'default'], value, issue.message, 'a default must be a valid value')];
  });
}

/** Factors of costs and sizes, by their place below the part. */
function factorsOf(part: PluginPart): readonly (readonly [SpecPath, Factor | readonly Factor[]])[] {
  if (part.kind === 'attack') return [[['gradients'], part.gradients]];
  if (part.kind !== 'architecture') return [];
  return [
    [['multiply_adds'], part.multiply_adds],
    [['classifier', 'inputs'], part.classifier.inputs],
    ...part.layers.map(({ shape }, i) => [['layers', i, 'shape'], shape] as const),
  ];
}

/** Factors that are words must name integer parameters. */
function factorProblems(part: PluginPart, at: SpecPath): Problem[] {
  return factorsOf(part).flatMap(([place, factors]) => {
    const unknown = [factors].flat().filter((factor) => typeof factor === 'string' && part.params[factor]?.type !== 'integer');
    const expected = `the name of an integer parameter of this ${part.kind}`;
    return unknown.map((factor) => problemAt([...at, ...place], factor, expected, `add ${factor} to params, or write a number`));
  });
}

/** Layers are named once, because results name them. */
function layerProblems(part: PluginPart, at: SpecPath): Problem[] {
  if (part.kind !== 'architecture') return [];
  const names = [...part.layers.map(({ name }) => name), part.classifier.layer];
  return names.flatMap((name, i) => {
    const place = i < part.layers.length ? ['layers', i, 'name'] : ['classifier', 'layer'];
    return names.indexOf(name) < i
      ? [problemAt([...at, ...place], name, 'another name than the layers before it', 'rename it')]
      : [];
  });
}

function duplicateProblems({ parts }: PluginManifest): Problem[] {
  return parts.flatMap(({ kind, name }, i) =>
    parts.findIndex((part) => part.kind === kind && part.name === name) < i
      ? [{ path: ['parts', i, 'name'], found: name, expected: 'another name than the parts before it', remedy: 'rename it' }]
      : [],
  );
}

function schemaProblems(data: unknown): Problem[] {
  const { error } = pluginManifest.safeParse(data, { error: expectedText });
  return (error?.issues ?? []).map(({ code, path, message, ...issue }) => {
    const at = path as SpecPath;
    if (code === 'unrecognized_keys' && 'keys' in issue) {
      const keys = issue.keys;
      return { path: [...at, keys[0]!], atKey: true, found: keys.join(', '), expected: 'a known field', remedy: 'remove it' };
    }
    return { path: at, found: foundText(valueAt(data, at)), expected: message, remedy: '' };
  });
}

/**
 * @param bytes of the file @param file its name in problems @param files texts of the plug-in's other files, by path
 * @throws InvalidSweepError with every problem
 */
export function readManifest(bytes: Uint8Array, file: string, files: ReadonlyMap<string, string>): PluginManifest {
  const { document, place, problems } = parseYaml(bytes, file);
  const content = document && dataOf(document);
  if (content === undefined || problems.length > 0) throw new InvalidSweepError(file, problems);
  if ('problem' in content) throw new InvalidSweepError(file, [place(content.problem)]);
  const refuse = (found: readonly Problem[]): never => {
    throw new InvalidSweepError(file, found.map(place).toSorted(inFileOrder));
  };
  const { data: manifest } = pluginManifest.safeParse(content.data);
  if (manifest === undefined) return refuse(schemaProblems(content.data));
  const further = [
    ...duplicateProblems(manifest),
    ...manifest.parts.flatMap((part, i) => {
      const at = ['parts', i];
      return [
        ...functionProblems(part, at, files),
        ...defaultProblems(part, at),
        ...factorProblems(part, at),
        ...layerProblems(part, at),
      ];
    }),
  ];
  return further.length === 0 ? manifest : refuse(further);
}
