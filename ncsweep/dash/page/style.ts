/** The page's own part of its style sheet; colours come from the report's theme. */
export const pageStyle = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,"Liberation Serif",Georgia,serif;font-weight:600;text-wrap:balance}
h1{font-size:clamp(1.5rem,1.1rem + 1.4vw,2.1rem);line-height:1.18;letter-spacing:-.012em;margin:0 0 .2rem}
h2{font-size:1.2rem;line-height:1.25;margin:0}h3{font-size:.85rem;margin:1.2rem 0 .3rem;color:var(--ink-soft);font-weight:600}
p{margin:.3rem 0}code,pre{font:.86em/1.5 ui-monospace,"SF Mono",Menlo,"Liberation Mono",Consolas,monospace}
a{color:var(--blue);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
#page{max-width:110rem;margin:0 auto;padding:0 1.6rem 1.2rem;min-height:100vh;display:flex;flex-direction:column}
.top{display:flex;align-items:center;gap:1rem;padding:.9rem 0 .6rem;color:var(--ink-soft);font-size:.9rem}
.brand{font-weight:650;letter-spacing:.01em;color:var(--ink)}
.mark{margin-left:auto;display:inline-flex;align-items:center;gap:.5rem;white-space:nowrap}
.mark i{width:.55rem;height:.55rem;border-radius:50%;background:var(--ink-soft)}
.mark.shown i{background:var(--good)}.mark.ended i{background:var(--ink-soft)!important;animation:none!important}.mark.lost i,.mark.refused i{background:var(--bad);border-radius:1px}.mark.lost,.mark.refused{color:var(--bad)}
select,input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--rule);border-radius:6px;padding:.25rem .6rem}
select:hover,input:hover,button:hover{border-color:var(--ink-soft)}button{cursor:pointer}
.notice{background:var(--bad-wash);color:var(--bad);border-radius:6px;padding:.5rem .9rem;margin:.2rem 0 .6rem}.notice.calm{background:var(--open-wash);color:var(--open)}
.question{color:var(--ink-soft);max-width:60em;text-wrap:pretty;margin:0 0 .9rem}
.progress .bar{display:block;width:100%;height:10px;border-radius:5px;background:var(--none-wash)}
.facts{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;padding:0;margin:.5rem 0 0;font-size:.92rem}.facts li{white-space:nowrap}.soft{color:var(--ink-soft)}
.swatch{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.45rem;vertical-align:-.04em}
.is-done{fill:var(--done);background:var(--done)}.is-running{fill:var(--orange);background:var(--orange)}.is-parked{fill:var(--bad);background:var(--bad)}.is-blocked{fill:var(--blocked);background:var(--blocked)}.is-waiting{fill:var(--none-wash);background:var(--none-wash)}
.swatch.is-waiting{box-shadow:inset 0 0 0 1px var(--ink-soft)}
:root{--done:color-mix(in oklab,var(--blue) 62%,var(--paper));--blocked:color-mix(in oklab,var(--purple) 62%,var(--paper))}
.tabs{display:flex;gap:.2rem 1.4rem;flex-wrap:wrap;border-bottom:1px solid var(--rule);margin:1.1rem 0 1rem}
.tabs button{border:0;border-radius:0;background:none;padding:.35rem 0 .5rem;margin-bottom:-1px;color:var(--ink-soft);border-bottom:2px solid transparent}
.tabs button:hover{color:var(--ink)}.tabs button[aria-current]{color:var(--ink);font-weight:600;border-bottom-color:var(--blue)}
.view{flex:1;display:grid;grid-template-columns:minmax(0,1fr);gap:1.4rem;min-height:22rem}.chosen{min-width:0;display:flex;flex-direction:column}
@media (min-width:64rem){.view.beside{grid-template-columns:minmax(0,1fr) 27rem}}
.tools{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1rem;margin-bottom:.7rem;font-size:.9rem;color:var(--ink-soft)}.tools .push{margin-left:auto}.tools label{max-width:100%}.tools input{min-width:0;flex:1}
.tools label{display:inline-flex;align-items:center;gap:.5rem}.tools select,.tools input,.tools button{color:var(--ink)}
.legend{display:inline-flex;align-items:center;gap:.5rem;white-space:nowrap}.ramp{width:8rem;height:.7rem;border-radius:2px}
.frame{position:relative;flex:1;min-height:20rem;overflow:hidden}
.scroller{position:absolute;inset:0;overflow:auto}.scroller canvas{position:sticky;left:0;top:0;display:block}.spacer{position:absolute;left:0;top:0;pointer-events:none}
.tip{position:absolute;z-index:3;pointer-events:none;background:var(--paper);border:1px solid var(--rule);border-radius:6px;box-shadow:0 4px 18px rgb(0 0 0/.14);padding:.5rem .75rem;font-size:.86rem;line-height:1.4;max-width:20rem}
.tip b{display:block}.tip dl{display:grid;grid-template-columns:auto auto;gap:0 .9rem;margin:.25rem 0 0}.tip dt{color:var(--ink-soft)}.tip dd{margin:0;text-align:right}
.table{position:relative;height:calc(100vh - 19rem);min-height:22rem;overflow:auto;border:1px solid var(--rule);border-radius:6px}
.row{display:grid;align-items:center;height:30px;padding:0 .8rem;gap:0 1rem;position:absolute;left:0;min-width:100%;border-bottom:1px solid var(--rule);white-space:nowrap;cursor:pointer;color:inherit;text-decoration:none}
.row>span{overflow:hidden;text-overflow:ellipsis}.row:hover,.row.at{background:var(--raised)}.row.at{box-shadow:inset 3px 0 0 var(--blue)}
.row.title{position:sticky;top:0;z-index:2;background:var(--raised);cursor:default;font-size:.84rem}.row.title button{border:0;background:none;padding:0;text-align:left;color:var(--ink-soft)}.row.title button[aria-pressed=true]{color:var(--ink);font-weight:600}
.num{text-align:right}.row.title .num{text-align:right}
.panel{background:var(--raised);border:1px solid var(--rule);border-radius:8px;padding:1rem 1.1rem;min-width:0;align-self:start;max-height:calc(100vh - 2rem);overflow:auto;position:sticky;top:1rem}
.panel header{display:flex;gap:.8rem;align-items:start;justify-content:space-between}.panel h2{font-size:1.08rem}.panel .close{padding:.05rem .55rem}
.pill{display:inline-block;padding:.1rem .7rem;border-radius:99px;font-weight:600;font-size:.86rem;background:var(--none-wash)}
.pill.done,.pill.Supported{color:var(--good);background:var(--good-wash)}.pill.parked,.pill.Contradicted{color:var(--bad);background:var(--bad-wash)}.pill.running,.pill.Inconclusive{color:var(--open);background:var(--open-wash)}
.pairs{display:grid;grid-template-columns:minmax(5rem,auto) minmax(0,1fr);gap:.15rem .9rem;margin:.2rem 0;font-size:.88rem}.pairs dt{color:var(--ink-soft)}.pairs dd{margin:0;overflow-wrap:anywhere}
.log{background:var(--paper);border:1px solid var(--rule);border-radius:6px;padding:.5rem .7rem;overflow:auto;max-height:14rem;margin:.3rem 0;white-space:pre-wrap}
.command{display:flex;gap:.5rem;align-items:center}.command code{flex:1;min-width:0;overflow-x:auto;white-space:nowrap;background:var(--paper);border:1px solid var(--rule);border-radius:6px;padding:.25rem .6rem}
.plain{list-style:none;padding:0;margin:.2rem 0;font-size:.88rem}.plain li{padding:.15rem 0}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1rem;align-items:start}
.card{background:var(--raised);border:1px solid var(--rule);border-top:3px solid var(--ink-soft);border-radius:6px;padding:.9rem 1.1rem}.card.Supported{border-top-color:var(--good)}.card.Contradicted{border-top-color:var(--bad)}.card.Inconclusive{border-top-color:var(--open)}
.card h2{font:600 1.02rem/1.35 inherit;font-family:inherit;font-size:1rem;margin:0 0 .5rem;text-wrap:pretty}.card .headline{font-size:.92rem;margin:.5rem 0 0;text-wrap:pretty}.card .seeds{margin-left:.7rem;font-size:.88rem;color:var(--ink-soft);white-space:nowrap}
.empty{padding:12vh 0;max-width:44rem}.empty p,.opening{color:var(--ink-soft)}.opening{padding:12vh 0}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:1.6rem}.chart h2{font:600 .95rem/1.35 system-ui,sans-serif;margin:0 0 .3rem}.chart svg{display:block;width:100%;height:auto;overflow:visible}
.chart text{font-size:12px;fill:var(--ink-soft)}.chart .grid-line{stroke:var(--rule)}.keys{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0;margin:.3rem 0 0;font-size:.86rem}.keys i{display:inline-block;width:1.1rem;border-top:2.5px solid;margin-right:.4rem;vertical-align:.25em}
.lanes{display:grid;grid-template-columns:minmax(4rem,9rem) minmax(0,1fr);gap:0 1rem}.lane-names span{display:block;height:26px;line-height:26px;font-size:.86rem;color:var(--ink-soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.lanes svg{width:100%;display:block}.lanes rect{cursor:pointer}.lanes .grid-line{stroke:var(--rule)}.lanes .cut{stroke:var(--ink-soft);stroke-dasharray:2 3}
.is-training{fill:var(--blue);background:var(--blue)}.is-given{fill:var(--rule);background:var(--rule)}.swatch.is-given{box-shadow:inset 0 0 0 1px var(--ink-soft)}.chart{margin:0}
@media (max-width:40rem){#page{padding:0 1rem 1rem}.facts{gap:.1rem 1rem}.tabs{gap:.1rem 1.1rem}.tools .push{margin-left:0}}
@media (prefers-reduced-motion:no-preference){.mark.live i,.mark.watching i,.mark.reading i{animation:breathe 3s ease-in-out infinite}@keyframes breathe{50%{opacity:.45}}}
`;
