/**
 * Imports TypeScript code of plug-ins from the text that a task holds. Nothing is read from the folder in which anybody wrote it: a module
 * of a plug-in may import files of its own plug-in, and nothing else.
 */
import { registerHooks } from 'node:module';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { nativeImport } from '../backend/native-import.ts';
import { blamedError, PluginError } from './plugin-error.ts';
import { pluginUrl } from './plugin-url.ts';

export type PluginDocument = NonNullable<TaskDocument['plugins']>[number];

/** Text of files by path, by the host of their address. */
const known = new Map<string, Readonly<Record<string, string>>>();
let isHooked = false;

const isOfPlugin = (address: string | undefined): boolean => address?.startsWith(pluginUrl) ?? false;

/** The address of a file that a module of a plug-in imports. @throws PluginError */
function addressOf(specifier: string, importer: string): string {
  const { host, pathname } = new URL(importer);
  const place = `${pathname.slice(1)} imports "${specifier}"`;
  if (!/^\.\.?\//.test(specifier))
    throw new PluginError(
      `${place}: a plug-in in TypeScript imports only files of its own folder. Remedy: \`tf\` and all else that it needs come with the batch; ` +
        'write `import type` for types, and copy other code into the folder',
    );
  const address = new URL(specifier, importer);
  const files = known.get(host) ?? {};
  const file = address.pathname.slice(1);
  if (file in files) return address.href;
  const near = [`${file}.ts`, file.replace(/\.js$/, '.ts')].find((name) => name in files);
  const remedy =
    near === undefined
      ? 'Remedy: move the code into the folder of the plug-in; only files whose names stand in the code that imports them are there'
      : `Remedy: write the name of the file, ${near.replace(/^.*\//, '')}`;
  throw new PluginError(`${place}: the plug-in has no file ${file}. ${remedy}`);
}

function hook(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (isOfPlugin(context.parentURL)) return { url: addressOf(specifier, context.parentURL!), shortCircuit: true };
      return isOfPlugin(specifier) ? { url: specifier, shortCircuit: true } : next(specifier, context);
    },
    load: (address, context, next) => {
      if (!isOfPlugin(address)) return next(address, context);
      const { host, pathname } = new URL(address);
      return { format: 'module-typescript', source: known.get(host)?.[pathname.slice(1)] ?? '', shortCircuit: true };
    },
  });
}

/** @returns the module of a file @throws PluginError */
export async function importModule(plugin: PluginDocument, file: string): Promise<Readonly<Record<string, unknown>>> {
  const name = plugin.manifest.plugin;
  const host = `${name}-${(plugin.code ?? plugin.identity).slice(0, 16)}`;
  hook();
  known.set(host, plugin.files);
  try {
    return await nativeImport(`${pluginUrl}${host}/${file}`);
  } catch (error) {
    throw blamedError(`plug-in ${name}: importing ${file}`, error instanceof PluginError ? error.message : error);
  }
}
