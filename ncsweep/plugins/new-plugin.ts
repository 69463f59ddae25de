/** The folder of a new plug-in: what `ncsweep plugin new` writes. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pluginWord } from '@ncsweep/catalog/plugins/names';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { PluginPartKind } from '@ncsweep/catalog/plugins/manifest';
import { pluginLanguages, type PluginLanguage } from '@ncsweep/catalog/plugins/languages';
import { codeFields } from '@ncsweep/catalog/plugins/part-code';
import type { FirstCode } from './first-code.ts';
import { firstParts } from './first-parts.ts';
import { manifestName } from './plugin-folder.ts';

/** Code of a part in the languages that it has of these. */
const codesOf = (kind: PluginPartKind, languages: readonly PluginLanguage[]): readonly (readonly [PluginLanguage, FirstCode])[] =>
  languages.flatMap((language) => {
    const code = firstParts[kind].code[language];
    return code === undefined ? [] : [[language, code] as const];
  });

function declaredText(kind: PluginPartKind, languages: readonly PluginLanguage[]): string {
  const codes = codesOf(kind, languages).map(([language, code]) => `${codeFields[language]}: ${code.file}:${code.function}`);
  return firstParts[kind].declared.replace('CODE', codes.join('\n    '));
}

/** @param kinds at least one, each once */
function manifest(name: string, kinds: readonly PluginPartKind[], languages: readonly PluginLanguage[]): string {
  const used = kinds.map((kind) => `#   ${firstParts[kind].used(name)}\n`).join('');
  const declared = kinds.map((kind) => declaredText(kind, languages)).join('');
  return `# What a sweep needs to know of this plug-in (docs/plug-ins.md of ncsweep). In a sweep:
#   plugins: [./${name}]
${used}plugin: ${name}
parts:
${declared}`;
}

export interface NewPluginOptions {
  /** Of the parts to begin with. Default: attack and loss. */
  readonly kinds?: readonly PluginPartKind[];
  /** Default: Python. */
  readonly languages?: readonly PluginLanguage[];
  /** Folder in which it is made. Default: the current one. */
  readonly into?: string;
}

export interface NewPlugin {
  readonly folder: string;
  /** Their names in it. */
  readonly files: readonly string[];
}

/** @throws InvalidInputError for kinds that have no code in any of these languages */
function checkLanguages(kinds: readonly PluginPartKind[], languages: readonly PluginLanguage[]): void {
  const without = kinds.filter((kind) => codesOf(kind, languages).length === 0);
  if (without.length === 0) return;
  const remedy = `write ${without.join(' and ')} in ${pluginLanguages[0]}`;
  throw new InvalidInputError(`${without.join(', ')}: plug-ins have these in ${pluginLanguages[0]} only. Remedy: ${remedy}`);
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((cause: unknown) => {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const found = code === 'EEXIST' ? 'it is there already. Remedy: choose another name' : code;
    throw new InvalidInputError(`folder ${folder}: ${found}`, { cause });
  });
}

/**
 * Writes a plug-in that passes its own tests into a new folder of its name.
 * @throws InvalidInputError for a name that is none, a folder that is there, or a kind of part that has no code in these languages
 */
export async function newPlugin(name: string, options: NewPluginOptions = {}): Promise<NewPlugin> {
  const { kinds = ['attack', 'loss'], languages = ['Python'], into = '.' } = options;
  const word = pluginWord.safeParse(name);
  if (!word.success) throw new InvalidInputError(`plug-in ${JSON.stringify(name)}: expected ${word.error.issues[0]!.message}`);
  const once = [...new Set(kinds)];
  checkLanguages(once, languages);
  const folder = path.join(into, name);
  await makeFolder(folder);
  const codes = once.flatMap((kind) => codesOf(kind, languages).map(([, code]) => [code.file, code.code] as const));
  const texts = new Map([[manifestName, manifest(name, once, languages)], ...codes]);
  for (const [file, text] of texts) await writeFile(path.join(folder, file), text);
  return { folder, files: [...texts.keys()] };
}
