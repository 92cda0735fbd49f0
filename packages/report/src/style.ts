/** The page's style: light, dark and print. Nothing is loaded from anywhere. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--quiet:#57606a;--line:#d4d9df;--soft:#f3f5f7;--c0:#0b62a8;--c1:#c2410c;--c2:#0f7b5c;--c3:#8b3fa0;--c4:#7a6a00;--c5:#3d4a57}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e8eaed;--quiet:#a2abb5;--line:#363d46;--soft:#1d2227;--c0:#6cb2f2;--c1:#f59a63;--c2:#58cda6;--c3:#cf9ae0;--c4:#dcc75a;--c5:#b3bfcb}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 -apple-system,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:800px;margin:0 auto;padding:48px 24px 72px}
.kicker{margin:0 0 6px;font-size:13px;letter-spacing:.04em;color:var(--quiet)}
h1{margin:0 0 16px;font-size:32px;line-height:1.2;letter-spacing:-.015em;text-wrap:balance;overflow-wrap:anywhere}
h2{margin:48px 0 12px;padding-top:20px;border-top:1px solid var(--line);font-size:20px;line-height:1.3}
h3{margin:28px 0 8px;font-size:16px}
p{margin:0 0 12px;max-width:68ch;overflow-wrap:anywhere}
.lede{font-size:19px;line-height:1.5;margin-bottom:24px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 24px;margin:0;font-size:15px}
a{color:var(--c0)}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
code,pre{font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
pre{margin:0;padding:14px 16px;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin-top:20px}
table{border-collapse:collapse;width:100%;font-size:14.5px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:6px}
th,td{padding:7px 14px 7px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:break-word}
th:last-child,td:last-child{padding-right:0}
thead th{font-weight:500;font-size:13px;color:var(--quiet);vertical-align:bottom;border-bottom-color:var(--quiet)}
tbody th{font-weight:500}
.num{text-align:right;white-space:nowrap}
.suppressed{color:var(--quiet);font-style:italic}
.suppressed span{padding:1px 7px;border-radius:3px;background:repeating-linear-gradient(45deg,transparent 0 4px,var(--line) 4px 5px);border:1px solid var(--line)}
.legend{margin:10px 0 24px;max-width:none;font-size:14px;color:var(--quiet)}
figure{margin:24px 0 28px}
figcaption{font-weight:600;font-size:15px;margin-bottom:10px}
ul{margin:0 0 14px;padding-left:20px}
li{margin-bottom:4px;max-width:68ch;overflow-wrap:anywhere}
li ul{margin-top:4px}
footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--line);font-size:13px;color:var(--quiet)}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:13px;fill:var(--ink);font-variant-numeric:tabular-nums}
svg .small{font-size:12px}
svg .quiet{fill:var(--quiet)}
svg .strong{font-weight:600}
svg .digits{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
svg .axis{stroke:var(--quiet);stroke-width:1}
svg .grid{stroke:var(--line);stroke-width:1}
svg .neutral{stroke:var(--quiet);stroke-width:1;stroke-dasharray:3 3}
svg .whisker{stroke:var(--c0);stroke-width:1.6;fill:none}
svg .point{fill:var(--c0)}
svg .bar{fill:var(--c0)}
svg .hatch{stroke:var(--quiet);stroke-width:1.2;opacity:.55}
svg .unknown{stroke:var(--line);stroke-width:1}
svg .curve{fill:none;stroke-width:2;stroke-linejoin:round}
svg .band{stroke:none;fill-opacity:.16}
svg .sample{fill-opacity:.3}
svg .box{fill:var(--soft);stroke:var(--line);rx:5px}
svg .open{fill:none;stroke-dasharray:4 3;stroke:var(--quiet)}
svg .final{fill:none;stroke:var(--c0);stroke-width:2}
svg .link{stroke:var(--quiet);fill:none;stroke-width:1.2}
${[...'012345'].map((c) => `svg .curve.c${c}{stroke:var(--c${c})}svg .band.c${c},svg .mark.c${c}{fill:var(--c${c})}`).join('\n')}
svg .curve.c1{stroke-dasharray:7 3}svg .curve.c2{stroke-dasharray:2 2.5}svg .curve.c3{stroke-dasharray:9 3 2 3}svg .curve.c4{stroke-dasharray:12 4}svg .curve.c5{stroke-dasharray:4 4}
@media (max-width:600px){figure{overflow-x:auto}svg{min-width:600px;overflow:hidden}main{padding:28px 16px 48px}h1{font-size:26px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--quiet:#444;--line:#bbb;--soft:#f4f4f4;--c0:#0b62a8;--c1:#b03a06;--c2:#0f6b50;--c3:#7a3590;--c4:#655800;--c5:#333}body{font-size:11pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main{max-width:none;padding:0}h2{margin-top:28px;break-after:avoid}figure,tr,.facts{break-inside:avoid}thead{display:table-header-group}.scroll{overflow:visible}@page{margin:18mm}}
`;
