/** The code of the plug-ins of a task, in TypeScript. */
import type { ParameterValues } from '@ncsweep/catalog/plugins/names';
import { registerGradients } from '../backend/register-gradients.ts';
import { RefusedTaskError } from '../task-io.ts';
import { PluginError } from './plugin-error.ts';
import { importModule, type PluginDocument } from './plugin-modules.ts';

/** A part: it gets a batch and the values of its parameters. */
export type PluginFunction = (batch: object, params: ParameterValues) => unknown;

/** What of a plug-in's part a task names. */
interface NamedPart {
  readonly kind: 'attack' | 'loss';
  /** `<plug-in>/<part>` */
  readonly part: string;
  readonly identity: string;
}

const keyOf = ({ kind, part, identity }: NamedPart): string => `${identity} ${kind} ${part}`;

export class PluginFunctions {
  readonly #functions: ReadonlyMap<string, PluginFunction>;

  constructor(functions: ReadonlyMap<string, PluginFunction> = new Map()) {
    this.#functions = functions;
  }

  /** @throws RefusedTaskError */
  get(part: NamedPart): PluginFunction {
    const found = this.#functions.get(keyOf(part));
    if (found !== undefined) return found;
    throw new RefusedTaskError(`the task names the ${part.kind} ${part.part}, which none of its plug-ins has in TypeScript`);
  }
}

type ManifestPart = PluginDocument['manifest']['parts'][number];

async function functionOf(plugin: PluginDocument, { typescript }: ManifestPart): Promise<PluginFunction | undefined> {
  if (typeof typescript !== 'string') return undefined;
  const [file = '', name = ''] = typescript.split(':');
  const found = (await importModule(plugin, file))[name];
  if (typeof found === 'function') return found as PluginFunction;
  throw new PluginError(
    `plug-in ${plugin.manifest.plugin}: ${file} exports no function ${name}, which its plugin.yaml names. Remedy: export function ${name}`,
  );
}

/** Imports the parts in TypeScript. @throws PluginError */
export async function importPlugins(plugins: readonly PluginDocument[]): Promise<PluginFunctions> {
  const functions = new Map<string, PluginFunction>();
  for (const plugin of plugins) {
    const { identity, manifest } = plugin;
    for (const part of manifest.parts) {
      const found = await functionOf(plugin, part);
      if (found !== undefined) await registerGradients();
      if (found === undefined || (part.kind !== 'attack' && part.kind !== 'loss')) continue;
      functions.set(keyOf({ kind: part.kind, part: `${manifest.plugin}/${part.name}`, identity }), found);
    }
  }
  return new PluginFunctions(functions);
}
