/** Entries that name a part of a plug-in → what enters ids for it. */
import { attackKind, type Perturbing } from '@ncsweep/catalog/attacks';
import type { AttackSpec, TrainingSpec } from '@ncsweep/catalog/language/spec';
import { lossKind } from '@ncsweep/catalog/losses';
import { asIdLanguages } from '@ncsweep/catalog/plugins/languages';
import type { PluginPart, PluginPartKind, PluginPartOf } from '@ncsweep/catalog/plugins/manifest';
import type { ParameterValues } from '@ncsweep/catalog/plugins/names';
import { parameterFields } from '@ncsweep/catalog/plugins/parameter';
import { languagesOf } from '@ncsweep/catalog/plugins/part-code';
import { productOf } from '@ncsweep/catalog/plugins/part-fields';
import type { PluggedLoss } from '@ncsweep/catalog/plugins/plugged-loss';
import type { Part } from '@ncsweep/catalog/part';
import { meantText } from './closest-name.ts';
import { partsOf, type KnownPlugins } from './known-plugins.ts';
import type { Reporter } from './reporter.ts';
import { resolvePart } from './resolve-part.ts';

export interface Plugged<K extends PluginPartKind> {
  /** `<plug-in>/<part>` */
  readonly part: string;
  readonly identity: string;
  readonly declared: PluginPartOf<K>;
  readonly params: ParameterValues;
}

interface Written {
  readonly part?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

const isOf = <K extends PluginPartKind>(part: PluginPart, kind: K): part is PluginPartOf<K> => part.kind === kind;

/** @returns undefined when the part or one of its parameters is refused, or its plug-in could not be read */
export function resolvePlugged<K extends PluginPartKind>(
  kind: K,
  { part = '', params = {} }: Written,
  plugins: KnownPlugins,
  report: Reporter,
): Plugged<K> | undefined {
  const known = partsOf(plugins, kind);
  const found = known.get(part);
  if (found === undefined) {
    if (plugins.areAllRead) {
      const remedy = known.size === 0 ? 'name its plug-in in spec.plugins' : meantText(part, [...known.keys()]);
      report.at('part').refuse(part, `${/^a/.test(kind) ? 'an' : 'a'} ${kind} of a plug-in of this sweep`, remedy);
    }
    return undefined;
  }
  const declared = found.part;
  if (!isOf(declared, kind)) throw new TypeError(`${part} is no ${kind}`);
  const values = resolveParams(part, declared, params, report.at('params'));
  return values && { part, identity: found.identity, declared, params: values };
}

/** @param report at the parameters */
function resolveParams(
  part: string,
  declared: PluginPart,
  written: Readonly<Record<string, unknown>>,
  report: Reporter,
): ParameterValues | undefined {
  const fields = parameterFields(declared.params);
  const unknown = Object.keys(written).filter((name) => !(name in fields));
  const names = Object.keys(fields);
  for (const name of unknown)
    report
      .at(name)
      .refuse(written[name], `a parameter of ${part}`, names.length === 0 ? 'remove it' : `${name}: ${meantText(name, names)}`);
  const asPart: Part = { name: part, summary: declared.summary, fields, science: 1 };
  const values = resolvePart({ title: 'part', key: 'part', parts: { [part]: asPart } }, asPart, written, report);
  return unknown.length > 0 || values === undefined ? undefined : (values as ParameterValues);
}

/** @returns undefined when something in the entry is wrong */
export function resolvePluggedAttack(spec: AttackSpec, plugins: KnownPlugins, report: Reporter): Perturbing | undefined {
  const entry = resolvePart(attackKind, attackKind.parts.plugin, spec, report);
  const plugged = entry && resolvePlugged('attack', entry, plugins, report);
  if (plugged === undefined) return undefined;
  const { part, identity, declared, params } = plugged;
  const gradients = productOf(declared.gradients, params);
  return { kind: 'plugin', part, identity, norm: declared.norm, gradients, params, ...asIdLanguages(languagesOf(declared)) };
}

/** @returns undefined when something in the entry is wrong */
export function resolvePluggedLoss(spec: TrainingSpec, plugins: KnownPlugins, report: Reporter): PluggedLoss | undefined {
  const entry = resolvePart(lossKind, lossKind.parts.plugin, spec, report);
  const plugged = entry && resolvePlugged('loss', entry, plugins, report);
  if (plugged === undefined) return undefined;
  const { part, identity, declared, params } = plugged;
  const { adversarial, objective, passes } = declared;
  const languages = asIdLanguages(languagesOf(declared));
  return { loss: 'plugin', part, identity, adversarial, objective, passes, params, ...languages };
}
