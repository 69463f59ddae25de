/** The verdicts as a run or a report ends with them. */
import { verdictLines, type SweepReport } from 'ncsweep/report';

/** More absent contrasts than these mean that the sweep is about something else than the claims. */
const mostAbsent = 3;

/** A line per claim; a single one where nothing is decided and much is absent, because the page says all of it. */
export function verdictText(report: SweepReport): readonly string[] {
  const { sets } = report.verdicts;
  const verdicts = sets.flatMap(({ strata }) => strata.flatMap((stratum) => stratum.verdicts));
  const absent = verdicts.flatMap(({ contrasts }) => contrasts.filter(({ outcome }) => outcome === 'absent'));
  if (absent.length <= mostAbsent || verdicts.some(({ outcome }) => outcome !== 'Not measured')) return verdictLines(report);
  const claims = sets.reduce((sum, set) => sum + set.claims.length, 0);
  const names = sets.map(({ set }) => set.name).join(' and ');
  return [
    `Decides none of the ${claims} claims of ${names}: the report says what they lack, "report: {claims: none}" leaves them out.`,
  ];
}
