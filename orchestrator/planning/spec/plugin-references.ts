/** The plug-ins that a sweep names: folders on this machine, or in a store. */
import { pluginReference } from '@ncsweep/catalog/language/spec';
import type { KnownPlugins } from './known-plugins.ts';
import type { Refuse } from './named-files.ts';
import { valueAt, type InvalidSweepError } from './problem.ts';
import type { Reporter } from './reporter.ts';

/** A plug-in as a sweep names it. */
export interface PluginReference {
  /** As the sweep writes it. */
  readonly reference: string;
  /** Of a plug-in in a store: its name and identity; undefined for a folder. */
  readonly stored: { readonly plugin: string; readonly identity: string } | undefined;
  /** Refuses the sweep because of it. */
  readonly problem: (found: string, expected: string, remedy: string) => InvalidSweepError;
}

/** References that can be read, whatever else is wrong with the document. */
export function pluginReferences(data: unknown, refuse: Refuse): readonly PluginReference[] {
  const list = valueAt(data, ['spec', 'plugins']);
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((entry, i): PluginReference[] => {
    const { data: reference } = pluginReference.safeParse(entry);
    if (reference === undefined) return [];
    const [, plugin, identity] = /^([^/@]+)@sha256:([0-9a-f]{64})$/.exec(reference) ?? [];
    const stored = plugin === undefined || identity === undefined ? undefined : { plugin, identity };
    return [{ reference, stored, problem: (...words) => refuse(['spec', 'plugins', i], ...words) }];
  });
}

/** @param report at the list */
export function checkPlugins(written: unknown, { byReference, areAllRead }: KnownPlugins, report: Reporter): void {
  const seen = new Set<string>();
  (Array.isArray(written) ? (written as unknown[]) : []).forEach((reference, i) => {
    const name = byReference.get(String(reference))?.manifest.plugin;
    if (name === undefined && areAllRead)
      report.at(i).refuse(reference, 'no plug-in: they run on one machine so far', 'run the sweep there with `ncsweep run`');
    if (name !== undefined && seen.has(name))
      report.at(i).refuse(reference, 'another plug-in than those before it', `two are named ${name}: remove one of them`);
    if (name !== undefined) seen.add(name);
  });
}
