/** The plug-ins that a sweep names, as far as they could be read. */
import type { PluginPart, PluginPartKind } from '@ncsweep/catalog/plugins/manifest';
import { partKey, type KnownPlugin } from '@ncsweep/catalog/plugins/part-archive';

export interface KnownPlugins {
  /** By the reference as the sweep writes it. */
  readonly byReference: ReadonlyMap<string, KnownPlugin>;
  /** Whether every plug-in of the sweep was read, so that a part that is in none of them exists nowhere. */
  readonly areAllRead: boolean;
}

export const noPlugins: KnownPlugins = { byReference: new Map(), areAllRead: true };

interface KnownPart {
  readonly identity: string;
  readonly part: PluginPart;
}

/** The parts of one kind, by `<plug-in>/<part>`. */
export function partsOf({ byReference }: KnownPlugins, kind: PluginPartKind): ReadonlyMap<string, KnownPart> {
  const known = new Map<string, KnownPart>();
  for (const { manifest, parts } of byReference.values())
    for (const part of manifest.parts) {
      const identity = parts.get(partKey(part));
      if (part.kind === kind && identity !== undefined) known.set(`${manifest.plugin}/${part.name}`, { identity, part });
    }
  return known;
}
