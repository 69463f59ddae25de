/** The text of a plugin.yaml → a manifest, with every problem at its line. */
import { pluginManifest, type PluginManifest, type PluginPart } from '@ncsweep/catalog/plugins/manifest';
import { parameterFields } from '@ncsweep/catalog/plugins/parameter';
import { expectedText } from './decode.ts';
import { dataOf, parseYaml } from './parse-yaml.ts';
import { foundText, inFileOrder, InvalidSweepError, type Problem, type SpecPath, valueAt } from './problem.ts';

/** What no schema says: names must differ and exist, and defaults must be values. @param at of the part */
function partProblems(part: PluginPart, at: SpecPath, files: ReadonlyMap<string, string>): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: SpecPath, found: unknown, expected: string, remedy: string): void =>
    void problems.push({ path: [...at, ...path], found: foundText(found), expected, remedy });
  const [file = '', name = ''] = part.python.split(':');
  const text = files.get(file);
  if (text === undefined)
    refuse(
      ['python'],
      part.python,
      'a file of this folder',
      `the folder has ${[...files.keys()].join(', ') || 'no Python files'}`,
    );
  else if (!new RegExp(`\\b${name}\\b`).test(text))
    refuse(['python'], part.python, `a function of ${file}`, `define ${name} in ${file}`);
  for (const [parameter, field] of Object.entries(parameterFields(part.params))) {
    const value = part.params[parameter]!.default;
    const issue = value === undefined ? undefined : field.safeParse(value).error?.issues[0];
    if (issue !== undefined) refuse(['params', parameter, 'default'], value, issue.message, 'a default must be a valid value');
  }
  if (part.kind === 'attack')
    for (const factor of [part.gradients].flat())
      if (typeof factor === 'string' && part.params[factor]?.type !== 'integer')
        refuse(
          ['gradients'],
          factor,
          'the name of an integer parameter of this attack',
          `add ${factor} to params, or write a number`,
        );
  return problems;
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
      const keys = issue.keys as string[];
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
    ...manifest.parts.flatMap((part, i) => partProblems(part, ['parts', i], files)),
  ];
  return further.length === 0 ? manifest : refuse(further);
}
