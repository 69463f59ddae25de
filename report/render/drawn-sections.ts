/** The sections that claim sets describe as data (catalog/claims/sections/section.ts), drawn: the page shows them, figures/ holds their figures. */
import { claimSets, usualClaims } from '@ncsweep/catalog/claims';
import type { ClaimSet } from '@ncsweep/catalog/claims/claim-set';
import type { HeatmapBlock, LineLook, PanelBlock, ReportSection, SettingSection } from '@ncsweep/catalog/claims/sections/section';
import { classesOf } from '../aggregate/measure.ts';
import type { SettingChecks, SetVerdicts } from '../aggregate/verdict.ts';
import { mergedLegend, type Figure, type LegendEntry, type NamedFigure } from './figure.ts';
import { fileName } from './file-name.ts';
import { lineEntry } from './line-figure.ts';
import { curvePanels, lookOf } from './panels/curve-panel.ts';
import { heatmapRows } from './panels/heatmap-block.ts';
import { levelPanels } from './panels/level-panel.ts';
import { marginPanel } from './panels/margin-panel.ts';
import { nameOf, placeOf, type View } from './view.ts';

export interface DrawnBlock<F extends Figure = NamedFigure> {
  readonly kind: 'panel' | 'heatmap';
  readonly title?: string;
  readonly lead?: string;
  /** One legend for all figures of the block. */
  readonly legend: readonly LegendEntry[];
  /** Panels are one row that wraps; heatmaps have a row per training. */
  readonly rows: readonly (readonly F[])[];
  /** Shown where there are no figures. */
  readonly empty?: string;
}

export interface DrawnPart<F extends Figure = NamedFigure> {
  /** Name of the setting or stratum; empty where there is only one. */
  readonly place: string;
  readonly blocks: readonly DrawnBlock<F>[];
}

export interface DrawnSection<F extends Figure = NamedFigure> {
  readonly section: ReportSection;
  readonly key: readonly LegendEntry[];
  readonly parts: readonly DrawnPart<F>[];
}

interface OwnedSection {
  readonly section: ReportSection;
  /** The claim set that the section illustrates; absent where the sweep asks for none. */
  readonly owner?: SetVerdicts;
}

/** Sections of the sweep's claim sets, or of the usual ones if it asks for none; a section shared by two sets appears once. */
function sectionsOf({ verdicts: { sets } }: View): readonly OwnedSection[] {
  const owned =
    sets.length === 0
      ? usualClaims.flatMap((name) => (claimSets[name] as ClaimSet).sections.map((section): OwnedSection => ({ section })))
      : sets.flatMap((owner) => owner.set.sections.map((section): OwnedSection => ({ section, owner })));
  const first = new Map([...owned].reverse().map((each) => [each.section.id, each]));
  return owned.filter((each) => first.get(each.section.id) === each);
}

function panelBlock(view: View, setting: SettingChecks, block: PanelBlock, owner: SetVerdicts | undefined): DrawnBlock<Figure> {
  const figures = block.panels.flatMap((panel) => {
    if (panel.kind === 'curve') return curvePanels(view, setting, panel);
    return owner === undefined ? [] : marginPanel(owner, setting, panel);
  });
  return {
    kind: 'panel',
    legend: block.hasLegend ? mergedLegend(figures) : [],
    rows: [figures],
    ...(block.lead !== undefined && { lead: block.lead }),
    ...(block.empty !== undefined && { empty: block.empty }),
  };
}

const heatmapBlock = (view: View, setting: SettingChecks, block: HeatmapBlock): DrawnBlock<Figure> => ({
  kind: 'heatmap',
  title: block.title,
  lead: block.lead(classesOf(placeOf(view, setting)) ?? 2),
  legend: [],
  rows: heatmapRows(view, setting, block),
});

const keyEntry = (look: LineLook): LegendEntry => lineEntry({ colour: 'var(--ink)', dash: '', ...lookOf(look), name: look.name });

const settingParts = (view: View, { blocks }: SettingSection, owner: SetVerdicts | undefined): readonly DrawnPart<Figure>[] =>
  view.verdicts.settings.map((setting) => ({
    place: view.verdicts.settings.length === 1 ? '' : nameOf(view, setting.stratum),
    blocks: blocks.map((block) =>
      block.kind === 'panels' ? panelBlock(view, setting, block, owner) : heatmapBlock(view, setting, block),
    ),
  }));

function partsOf(view: View, { section, owner }: OwnedSection): readonly DrawnPart<Figure>[] {
  if (section.per === 'setting') return settingParts(view, section, owner);
  const strata = owner?.strata ?? [];
  return strata.map((stratum) => {
    const figures = owner === undefined ? [] : levelPanels(view, owner, stratum, section.panels);
    const block: DrawnBlock<Figure> = {
      kind: 'panel',
      legend: mergedLegend(figures),
      rows: [figures],
      empty: 'Nothing that this section shows was measured.',
    };
    return { place: strata.length === 1 ? '' : nameOf(view, stratum.stratum), blocks: [block] };
  });
}

/** Reference lines of figures whose legend is the section's key stand there too. */
function keyOf(section: ReportSection, parts: readonly DrawnPart<Figure>[]): readonly LegendEntry[] {
  if (section.per === 'stratum' || section.key === undefined) return [];
  const references = section.blocks.flatMap((block) =>
    block.kind === 'panels' ? block.panels.flatMap((panel) => (panel.kind === 'curve' ? (panel.references ?? []) : [])) : [],
  );
  const labels = new Set(references.flatMap((r) => (typeof r === 'number' ? [] : [r.label])));
  const drawn = mergedLegend(parts.flatMap(({ blocks }) => blocks.flatMap(({ rows }) => rows.flat())));
  return [...section.key.map(keyEntry), ...drawn.filter(({ name }) => labels.has(name))];
}

/** Gives every figure a name that no other has. */
function namer(): (section: ReportSection, place: string, figure: Figure) => NamedFigure {
  const taken = new Map<string, number>();
  return (section, place, figure) => {
    const name = fileName([place, section.id, figure.title].join(' '));
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { ...figure, name: times === 1 ? name : `${name}-${times}` };
  };
}

export function drawSections(view: View): readonly DrawnSection[] {
  const named = namer();
  return sectionsOf(view).map((owned) => {
    const { section } = owned;
    const parts = partsOf(view, owned);
    return {
      section,
      key: keyOf(section, parts),
      parts: parts.map(({ place, blocks }) => ({
        place,
        blocks: blocks.map((block) => ({
          ...block,
          rows: block.rows.map((row) => row.map((figure) => named(section, place, figure))),
        })),
      })),
    };
  });
}

export const figuresOf = (sections: readonly DrawnSection[]): readonly NamedFigure[] =>
  sections.flatMap(({ parts }) => parts.flatMap(({ blocks }) => blocks.flatMap(({ rows }) => rows.flat())));
