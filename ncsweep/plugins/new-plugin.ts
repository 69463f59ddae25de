/** The folder of a new plug-in: what `ncsweep plugin new` writes. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pluginWord } from '@ncsweep/catalog/plugins/names';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { PluginPartKind } from '@ncsweep/catalog/plugins/manifest';
import { firstParts } from './first-parts.ts';
import { manifestName } from './plugin-folder.ts';

/** @param kinds at least one, each once */
function manifest(name: string, kinds: readonly PluginPartKind[]): string {
  const used = kinds.map((kind) => `#   ${firstParts[kind].used(name)}\n`).join('');
  const declared = kinds.map((kind) => firstParts[kind].declared).join('');
  return `# What a sweep needs to know of this plug-in (docs/plug-ins.md of ncsweep). In a sweep:
#   plugins: [./${name}]
${used}plugin: ${name}
parts:
${declared}`;
}

/**
 * Writes a plug-in that passes its own tests into a new folder of its name.
 * @param kinds of the parts to begin with
 * @param into folder in which it is made; default: the current one
 * @returns the new folder
 * @throws InvalidInputError for a name that is none, or a folder that is there
 */
export async function newPlugin(
  name: string,
  kinds: readonly PluginPartKind[] = ['attack', 'loss'],
  into = '.',
): Promise<string> {
  const word = pluginWord.safeParse(name);
  if (!word.success) throw new InvalidInputError(`plug-in ${JSON.stringify(name)}: expected ${word.error.issues[0]!.message}`);
  const folder = path.join(into, name);
  await mkdir(folder).catch((cause: unknown) => {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const found = code === 'EEXIST' ? 'it is there already. Remedy: choose another name' : code;
    throw new InvalidInputError(`folder ${folder}: ${found}`, { cause });
  });
  const once = [...new Set(kinds)];
  await writeFile(path.join(folder, manifestName), manifest(name, once));
  for (const kind of once) await writeFile(path.join(folder, firstParts[kind].file), firstParts[kind].code);
  return folder;
}
