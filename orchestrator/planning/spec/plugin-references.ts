/** The plug-ins that a sweep names: folders on this machine, or in a store. */
import { pluginReference } from '@ncsweep/catalog/language/spec';
import type { UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import type { KnownPlugins } from './known-plugins.ts';
import type { Refuse } from './named-files.ts';
import { valueAt, type InvalidSweepError } from './problem.ts';
import type { Reporter } from './reporter.ts';

/** A plug-in as a sweep names it. */
export interface PluginReference {
  /** As the sweep writes it. */
  readonly reference: string;
  /** Of a plug-in in a store: its name and identity; undefined for a folder. */
  readonly stored: UsedPlugin | undefined;
  /** Refuses the sweep because of it. */
  readonly problem: (found: string, expected: string, remedy: string) => InvalidSweepError;
}

/** The plug-in that a reference such as `lab@sha256:…` names; undefined if it names a folder. */
export function inStore(reference: string): UsedPlugin | undefined {
  const [, plugin, identity] = /^([^/@]+)@sha256:([0-9a-f]{64})$/.exec(reference) ?? [];
  return plugin === undefined || identity === undefined ? undefined : { plugin, identity };
}

/** References that can be read, whatever else is wrong with the document. */
export function pluginReferences(data: unknown, refuse: Refuse): readonly PluginReference[] {
  const list = valueAt(data, ['spec', 'plugins']);
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((entry, i): PluginReference[] => {
    const { data: reference } = pluginReference.safeParse(entry);
    if (reference === undefined) return [];
    return [{ reference, stored: inStore(reference), problem: (...words) => refuse(['spec', 'plugins', i], ...words) }];
  });
}

/** @param report at the list */
export function checkPlugins(written: unknown, { byReference, areAllRead }: KnownPlugins, report: Reporter): void {
  const seen = new Set<string>();
  (Array.isArray(written) ? (written as unknown[]) : []).forEach((reference, i) => {
    const name = byReference.get(String(reference))?.manifest.plugin;
    if (name === undefined && areAllRead)
      report.at(i).refuse(reference, 'a plug-in that was read', 'run the sweep with `ncsweep run`, or submit it');
    if (name !== undefined && seen.has(name))
      report.at(i).refuse(reference, 'another plug-in than those before it', `two are named ${name}: remove one of them`);
    if (name !== undefined) seen.add(name);
  });
}
