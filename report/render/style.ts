/** The page's style sheet: light and dark by the reader's setting, unobtrusive, and suitable for printing. */
import { themes } from './theme.ts';

export const style = `
:root{color-scheme:light dark;${themes.light}}
@media screen and (prefers-color-scheme:dark){:root{${themes.dark}}svg text.cell.cell{fill:#fff}svg text.full-dark.full-dark{fill:#000}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:auto;scroll-padding-top:3.4rem}
body{margin:0 auto;max-width:89rem;padding:2.5rem 1.5rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,"Liberation Serif",Georgia,serif;font-weight:600;text-wrap:balance}
h1{font-size:clamp(1.6rem,1.1rem + 2vw,2.5rem);line-height:1.18;letter-spacing:-.012em;margin:.4rem 0 .9rem;max-width:26em}
h2{font-size:1.5rem;line-height:1.25;margin:0}
h3{font-size:1.05rem;margin:1.8rem 0 .3rem}
h4{font-size:.95rem;line-height:1.35;margin:0 0 .3rem}
h5{font-size:.8rem;margin:1rem 0 .3rem;color:var(--ink-soft);font-weight:600}
p{margin:.3rem 0}
ul{padding-left:1.2rem;margin:.4rem 0}
code,pre{font:.86em/1.5 ui-monospace,"SF Mono",Menlo,"Liberation Mono",Consolas,monospace}
main>section{border-top:1px solid var(--rule)}main>section:last-child{border-bottom:1px solid var(--rule)}
.set{margin-top:1.6rem;scroll-margin-top:3.4rem}
.fold{margin:0;font-size:inherit}.fold>summary{display:flex;flex-wrap:wrap;align-items:baseline;gap:.15rem .8rem;padding:1rem 0;color:var(--ink);list-style:none}
.fold>summary::-webkit-details-marker{display:none}
.fold>summary::before{content:"";flex:none;width:.5em;height:.5em;border:solid var(--ink-soft);border-width:0 2px 2px 0;transform:rotate(-45deg);align-self:center;margin-right:.1rem}
.fold[open]>summary::before{transform:rotate(45deg) translate(-.12em,-.12em)}
.fold>summary:hover h2,.fold>summary:hover h3{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em}
.fold>.inside{padding:0 0 2.6rem;scroll-margin-top:7.6rem}
.part{border-top:1px dashed var(--rule)}.part>summary{padding:.7rem 0}.part>summary h3{margin:0}.part>.inside{padding-bottom:1.6rem}
.tally{white-space:nowrap;margin-right:.7rem}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
.kicker{color:var(--ink-soft);font-size:.9rem}.slash{opacity:.9}
.badge{display:inline-block;margin-left:.5rem;padding:.06rem .6rem;border-radius:99px;border:1px solid currentColor;font-size:.8rem;color:var(--ink-soft);white-space:nowrap}
.badge.caution{color:var(--open);background:var(--open-wash)}
.answer{font-size:1.15rem;max-width:46em;text-wrap:pretty}
.lead{max-width:46em;color:var(--ink-soft);margin-bottom:1rem;text-wrap:pretty}
.note{color:var(--ink-soft);font-size:.86rem}
.facts{display:flex;flex-wrap:wrap;gap:.8rem 2.2rem;margin:1.4rem 0 1rem}
.facts dt{font-size:.78rem;color:var(--ink-soft)}.facts dd{margin:0;font-weight:600}
.command code{background:var(--raised);border:1px solid var(--rule);border-radius:4px;padding:.1rem .45rem}
.columns{margin-top:1.6rem}
.toc{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--rule);padding:0 1rem;font-size:.9rem;overflow-x:auto;scroll-target-group:auto}
.toc ul{list-style:none;margin:0;padding:.55rem 0;display:flex;gap:.2rem 1.2rem;white-space:nowrap}.toc .sets{padding:0;display:none}
.toc a{text-decoration:none;padding:.15rem 0}.toc a:hover{text-decoration:underline}.toc a:target-current{color:var(--ink);font-weight:650}
.marks{margin-left:.5rem;letter-spacing:.12em;font-size:.8rem}
main{min-width:0}.toc.scroll{margin:0 -1rem}
@media (max-width:71.99rem){main>section:first-child{border-top:0}}
@media (min-width:72rem){.columns{display:grid;grid-template-columns:10.5rem minmax(0,1fr);gap:2.6rem}html{scroll-padding-top:1rem}.fold>.inside{scroll-margin-top:5rem}
.toc{align-self:start;top:1rem;max-height:calc(100vh - 2rem);overflow:auto;border:0;padding:0}.toc.scroll{margin:0}.toc ul{flex-direction:column;padding:1.1rem 0 0;white-space:normal}.toc .sets{display:flex;padding:.2rem 0 0 .8rem}}
a{color:var(--blue);text-underline-offset:.15em}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,29rem),1fr));gap:1.1rem;align-items:start}
.claim{background:var(--raised);border:1px solid var(--rule);border-top:3px solid var(--ink-soft);border-radius:6px;padding:1rem 1.1rem .9rem;break-inside:avoid}
.claim.supported{border-top-color:var(--good)}.claim.contradicted{border-top-color:var(--bad)}.claim.inconclusive{border-top-color:var(--open)}
.claim h4{font-size:1.02rem;display:grid;grid-template-columns:1.5rem minmax(0,1fr);text-wrap:pretty}.claim .no{color:var(--ink-soft)}
.claim.dimmed .headline,.claim.dimmed .contrasts{color:var(--ink-soft)}.claim.dimmed .strip{opacity:.5}
.verdict{margin:.5rem 0 .2rem;display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem}.verdict .strip{margin-left:auto}
.evidence[open]>summary{margin-bottom:.5rem}.claim details{margin-top:.4rem}.claim summary{text-wrap:pretty}
.outcome{display:inline-block;padding:.12rem .7rem;border-radius:99px;font-weight:650;font-size:.9rem;background:var(--none-wash)}
.outcome.supported{color:var(--good);background:var(--good-wash)}.outcome.contradicted{color:var(--bad);background:var(--bad-wash)}.outcome.inconclusive{color:var(--open);background:var(--open-wash)}
.headline{font-size:.95rem;margin:.4rem 0 .7rem;text-wrap:pretty}
.contrasts,.controls,.checks,.legend,.failures{list-style:none;padding:0}
.contrast{display:grid;grid-template-columns:1.5rem minmax(0,1fr) auto;gap:0 .4rem;align-items:center;padding:.42rem 0;border-top:1px solid var(--rule);font-size:.9rem;line-height:1.4}
.contrast p{margin:0}
.contrast .mark{align-self:start}
.controls li{font-size:.9rem;line-height:1.4;padding:.2rem 0;display:grid;grid-template-columns:1.9rem minmax(0,1fr)}
.mark{font-weight:700;color:var(--ink-soft)}.mark.predicted,.mark.valid,.mark.passed,.mark.supported{color:var(--good)}.mark.opposite,.mark.failed,.mark.contradicted{color:var(--bad)}.mark.undecided,.mark.inconclusive{color:var(--open)}
.number{font-weight:600}
.yaml{margin:.35rem 0 0;padding:.4rem .6rem;background:var(--paper);border:1px solid var(--rule);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.78rem}
details{margin-top:.7rem;font-size:.86rem}summary{cursor:pointer;color:var(--ink-soft)}.trials{color:var(--ink-soft)}
.strip{display:block}.strip .side{fill:var(--none-wash)}.strip .none{stroke:var(--ink-soft);stroke-width:1}.strip .range{stroke:var(--ink-soft);stroke-width:6;stroke-opacity:.38}.strip circle{fill:var(--ink)}
.strip.predicted .side{fill:var(--good-wash)}.strip.predicted .range{stroke:var(--good)}.strip.predicted circle{fill:var(--good)}
.strip.opposite .range{stroke:var(--bad)}.strip.opposite circle{fill:var(--bad)}.strip.undecided .range{stroke:var(--open)}.strip.undecided circle{fill:var(--open)}
.checks{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:0 2rem}
.checks li{border-top:1px solid var(--rule);padding:.6rem 0}.checks p{font-size:.9rem;line-height:1.4;display:grid;grid-template-columns:1.3rem minmax(0,1fr)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;font-size:.9rem;margin:.2rem 0 .8rem}.legend li{display:flex;align-items:center;gap:.45rem}.key{flex:none}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21.5rem),1fr));gap:1.4rem 1.2rem}
figure{margin:0;min-width:0}figure h4{font-weight:600}
.panel>svg{display:block;width:100%;max-width:26rem;height:auto;overflow:visible}
.tools{display:flex;gap:.9rem;margin:.15rem 0 0;font-size:.8rem}.tools a{text-decoration:none}.tools a:hover{text-decoration:underline}
button{font:inherit;color:var(--blue);background:none;border:0;padding:0;cursor:pointer}button:hover{text-decoration:underline}
.large{width:min(94vw,68rem);max-height:94vh;overflow:auto;padding:1.2rem 1.5rem;border:1px solid var(--rule);border-radius:8px;background:var(--paper);color:var(--ink)}
.large::backdrop{background:rgb(0 0 0 / .55)}.large h4{font-size:1.1rem;padding-right:4rem}.large .close{position:absolute;top:1.1rem;right:1.4rem}
.large>svg{display:block;width:100%;height:auto;max-height:70vh}
@supports not selector(:popover-open){.large,.tools button{display:none}}
figcaption{font-size:.86rem;color:var(--ink-soft)}
h4.block{font-size:1.02rem;margin:1.8rem 0 .3rem}
svg text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
svg text[fill="var(--ink-soft)"],g[fill="var(--ink-soft)"] text{fill:var(--ink-soft)}
.heatmaps,.heatmaps>div{display:flex;flex-wrap:wrap;gap:1.4rem 1.8rem}.heatmap>svg{display:block;max-width:100%;height:auto}
svg text.cell{fill:#000}svg text.full-light{fill:#fff}
.scroll{overflow-x:auto;margin:.5rem 0 1.6rem}.roles{margin:.3rem 0 1rem}
table{border-collapse:collapse;font-size:.88rem;line-height:1.3}h3 .note{font-weight:400}
thead th{border-bottom:1.5px solid var(--ink);font-weight:600;text-align:right;padding:.3rem .6rem;vertical-align:bottom}
tbody th{font-weight:400;text-align:left;white-space:nowrap;padding:.35rem .9rem .35rem 0;position:sticky;left:0;background:var(--paper)}
td{text-align:right;padding:.35rem .6rem;white-space:nowrap;vertical-align:top}td .range{display:block;color:var(--ink-soft);font-size:.8rem}
tbody tr{border-bottom:1px solid var(--rule)}td.none{color:var(--ink-soft)}
.matrix td{text-align:center}.matrix thead th{text-align:center;white-space:nowrap}
.state.done{color:var(--good)}.state.parked,.state.blocked,.state.missing{color:var(--bad);background:var(--bad-wash)}
.versions{display:grid;gap:.15rem}.versions div{display:grid;grid-template-columns:minmax(7rem,10rem) minmax(0,1fr);gap:.8rem;font-size:.9rem}.versions dt{color:var(--ink-soft)}.versions dd{margin:0;overflow-wrap:anywhere}
.prose{max-width:46em}
@media (max-width:34rem){body{padding:1.4rem 1rem 3rem}.contrast{grid-template-columns:1.5rem minmax(0,1fr)}.contrast .strip{grid-column:2;margin-top:.2rem}.badge{margin-left:0}.verdict .strip{margin-left:0}.fold>summary h2{font-size:1.3rem}.versions div{grid-template-columns:1fr;gap:0;padding:.2rem 0}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:10.5pt}.toc,.tools,.large,details.trials{display:none}details::details-content{content-visibility:visible;block-size:auto;display:block}summary{list-style:none}.fold>summary::before{display:none}.fold>.inside{padding-bottom:1rem}.columns{display:block}.claim,figure,.checks li,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}.panels{grid-template-columns:repeat(2,1fr)}.scroll{overflow:visible}table{font-size:7pt}td .range{font-size:6.2pt}td,thead th{padding:.18rem .2rem}tbody th{position:static;white-space:normal}.cards{display:block}.claim{margin-bottom:1rem}.contrast{grid-template-columns:1.5rem minmax(0,1fr)}.contrast .strip{grid-column:2}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
