/** A section that a claim set describes as data (catalog/claims/sections/section.ts). */
import { claimSets, usualClaims } from '@ncsweep/catalog/claims';
import type { ClaimSet } from '@ncsweep/catalog/claims/claim-set';
import type { PanelBlock, ReportSection, SettingSection } from '@ncsweep/catalog/claims/sections/section';
import type { SettingChecks, SetVerdicts } from '../../aggregate/verdict.ts';
import { drawLegend, type Line } from '../figure.ts';
import { html, type Markup } from '../markup.ts';
import { curvePanels, lookOf, type DrawnPanel } from '../panels/curve-panel.ts';
import { heatmapBlock } from '../panels/heatmap-block.ts';
import { levelPanels } from '../panels/level-panel.ts';
import { marginPanel } from '../panels/margin-panel.ts';
import { perSetting, perStratum, type View } from '../view.ts';

export interface OwnedSection {
  readonly section: ReportSection;
  /** The claim set that the section illustrates; absent where the sweep asks for none. */
  readonly owner?: SetVerdicts;
}

/** Sections of the sweep's claim sets, or of the usual ones if it asks for none; a section shared by two sets appears once. */
export function sectionsOf({ verdicts: { sets } }: View): readonly OwnedSection[] {
  const owned =
    sets.length === 0
      ? usualClaims.flatMap((name) => (claimSets[name] as ClaimSet).sections.map((section): OwnedSection => ({ section })))
      : sets.flatMap((owner) => owner.set.sections.map((section): OwnedSection => ({ section, owner })));
  const first = new Map([...owned].reverse().map((each) => [each.section.id, each]));
  return owned.filter((each) => first.get(each.section.id) === each);
}

const illKey = html`<svg class="key" viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
    <path d="M10 1l8 8M18 1l-8 8" stroke="var(--ink)" stroke-width="1.5" /></svg
  >Sigma_B ill-conditioned (λmax/λmin > 100): nc1 is noise there`;

/** Every line of the panels, once. */
function legendOf(block: PanelBlock, drawn: readonly DrawnPanel[]): Markup {
  const lines = new Map(drawn.flatMap((panel) => panel.lines.map((line) => [line.name, line])));
  const marksIll = block.panels.some((panel) => panel.kind === 'curve' && panel.marksIllConditioned === true);
  return drawLegend([...lines.values()], marksIll ? [illKey] : []);
}

function panelBlock(view: View, setting: SettingChecks, block: PanelBlock, owner: SetVerdicts | undefined): Markup {
  const drawn = block.panels.flatMap((panel): DrawnPanel[] => {
    if (panel.kind === 'curve') return [...curvePanels(view, setting, panel)];
    const markup = owner && marginPanel(owner, setting, panel);
    return markup === undefined ? [] : [{ lines: [], markup }];
  });
  if (drawn.length === 0) return html`${block.empty === undefined ? undefined : html`<p>${block.empty}</p>`}`;
  return html`${block.lead === undefined ? undefined : html`<p class="lead">${block.lead}</p>`}
    ${block.hasLegend ? legendOf(block, drawn) : undefined}
    <div class="panels">${drawn.map(({ markup }) => markup)}</div>`;
}

const settingBlocks = (view: View, setting: SettingChecks, { blocks }: SettingSection, owner: SetVerdicts | undefined): Markup =>
  html`${blocks.map((block) =>
    block.kind === 'panels' ? panelBlock(view, setting, block, owner) : heatmapBlock(view, setting, block),
  )}`;

const plainLine: Pick<Line, 'name' | 'colour' | 'dash'> = { name: '', colour: 'var(--ink)', dash: '' };

function body(view: View, { section, owner }: OwnedSection): Markup | undefined {
  if (section.per === 'stratum')
    return owner && perStratum(view, owner, (stratum) => levelPanels(view, owner, stratum, section.panels));
  const key = section.key?.map((look) => ({ ...plainLine, ...lookOf(look), name: look.name }));
  return html`${key === undefined ? undefined : drawLegend(key)}
  ${perSetting(view, (setting) => settingBlocks(view, setting, section, owner))}`;
}

export const claimSection = (view: View, owned: OwnedSection): Markup =>
  html`<section id="${owned.section.id}">
    <h2>${owned.section.title}</h2>
    <p class="lead">${owned.section.lead}</p>
    ${body(view, owned)}
  </section>`;
