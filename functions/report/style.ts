/** One look for all pages. Colours are pairs for light and dark with a contrast of at least 4.5 for text. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1d2330;--soft:#566072;--line:#dcdfe6;--grid:#e8eaf0;
--sick:#b3261e;--sick-bg:#fdecea;--warn:#8a5300;--warn-bg:#fff3dd;--well:#1c6b3c;--well-bg:#e5f5ea;--info:#1f5fa8;--info-bg:#e6f0fb;
--unknown:#6b4fa0;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#12151c;--card:#1a1f29;--ink:#e8ebf1;--soft:#a3adbd;--line:#333b49;--grid:#272e3a;
--sick:#ff8a80;--sick-bg:#3a1d1c;--warn:#f5c065;--warn-bg:#35290f;--well:#7fd69c;--well-bg:#15301f;--info:#8dbdf5;--info-bg:#14283f;--unknown:#c3aef0}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:960px;margin:0 auto;padding:28px 20px 56px}
.eyebrow{margin:0;color:var(--soft);font-size:14px}
h1{font-size:28px;line-height:1.2;margin:6px 0 10px}
h2{font-size:19px;margin:34px 0 10px}
h3{font-size:16px;margin:18px 0 6px}
p{margin:8px 0}
a{color:var(--info)}
code,pre{font-family:var(--mono);font-size:13.5px}
pre{margin:8px 0 0;white-space:pre-wrap;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin:0;padding:0;list-style:none}
.chip{border-radius:999px;padding:2px 12px;font-size:14px;font-weight:600;background:var(--info-bg);color:var(--info)}
.chip.sick{background:var(--sick-bg);color:var(--sick)}.chip.warn{background:var(--warn-bg);color:var(--warn)}.chip.well{background:var(--well-bg);color:var(--well)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:10px;margin:20px 0 0}
.numbers div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}
.numbers dt{color:var(--soft);font-size:13px}.numbers dd{margin:0;font-size:19px;font-weight:600;line-height:1.3}.numbers dd small{display:block;font-size:13px;font-weight:400;color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
figure{margin:0}
svg{display:block;width:100%;height:auto}
.narrow{display:none}
svg text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--soft)}
svg .name{fill:var(--ink);font-weight:600}
svg .grid{stroke:var(--grid)}svg .axis{stroke:var(--line)}
svg .limit{stroke:var(--warn);stroke-dasharray:6 4;fill:none;stroke-width:1.5}svg .limit-name{fill:var(--warn)}
svg .line{fill:none;stroke-width:2.2;stroke-linejoin:round}
svg .subject{stroke:var(--sick)}svg .replacement{stroke:var(--well)}svg .other{stroke:var(--soft)}
svg .f-sick{fill:var(--sick)}svg .f-well{fill:var(--well)}svg .f-passing{fill:var(--warn)}svg .f-unknown{fill:var(--unknown)}svg .f-silent{fill:none;stroke:var(--unknown);stroke-width:1.6}
svg .moment{stroke:var(--info);stroke-width:1.2;stroke-dasharray:2 3}svg .badge{fill:var(--info)}svg .badge-text{fill:var(--card);font-weight:700;text-anchor:middle}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:10px 0 0;padding:0;list-style:none;color:var(--soft);font-size:13.5px}
.key svg{display:inline-block;width:14px;height:14px;vertical-align:-2px;margin-right:5px}
.moments{margin:12px 0 0;padding:0;list-style:none;font-size:14.5px}
.moments li{display:grid;grid-template-columns:26px 76px 1fr;gap:8px;padding:3px 0}
.moments b{background:var(--info);color:var(--card);border-radius:999px;width:22px;height:22px;font-size:12.5px;display:inline-grid;place-items:center}
.moments time{color:var(--soft);font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:14.5px}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}td:last-child{overflow-wrap:anywhere}td time{white-space:nowrap}
th{color:var(--soft);font-weight:600;font-size:13px}
td.num{font-variant-numeric:tabular-nums}
.pass{color:var(--well);font-weight:600}.hold{color:var(--warn);font-weight:600}.bad{color:var(--sick);font-weight:600}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:8px 0;padding:0 16px}
summary{cursor:pointer;padding:10px 0;font-weight:600}summary span{font-weight:400;color:var(--soft)}
details[open]{padding-bottom:14px}
.card+table,table+table{margin-top:18px}
.quiet{color:var(--soft)}
footer{margin-top:40px;color:var(--soft);font-size:13.5px}
@media (max-width:640px){main{padding:18px 14px 40px}h1{font-size:22px}.wide{display:none}.narrow{display:block}
.moments li{grid-template-columns:24px 66px 1fr;gap:6px}
table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stack tr{display:block;border-bottom:1px solid var(--line);padding:6px 0}table.stack td{display:block;border:0;padding:1px 0}
table.stack td[data-name]:not(:first-child)::before{content:attr(data-name) ": ";color:var(--soft)}table.stack td:empty{display:none}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--grid:#ddd;--sick:#a01810;--sick-bg:#fff;--warn:#7a4900;--warn-bg:#fff;
--well:#14582f;--well-bg:#fff;--info:#174b86;--info-bg:#fff;--unknown:#543a86}
body{font-size:11pt}main{max-width:none;padding:0}.chip{border:1px solid currentColor}figure,table tr,.numbers div{break-inside:avoid}h2,h3,summary{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto;display:block}details{break-inside:auto;padding-bottom:10px}
.wide{display:block}.narrow{display:none}}
`;
