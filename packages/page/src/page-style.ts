import { Html } from './html.ts';

/**
 * Content security policy of self-contained pages: their own style only, no scripts and no requests. It also holds if a name in
 * the bank's data contains HTML.
 */
export const pagePolicy = new Html(
  `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
);

/** CSS of self-contained pages, with light and dark colours and a layout for print. */
export const pageStyle = new Html(`:root{color-scheme:light dark;--line:#d5dbe0;--head:#eef3f6;--soft:#5b6770}
@media (prefers-color-scheme:dark){:root{--line:#3a444c;--head:#232b31;--soft:#a5b1ba}}
html{background:Canvas;color:CanvasText}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:2px solid var(--line)}nav{color:var(--soft)}nav a{margin-right:.8rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:left}
th{background:var(--head)}caption{text-align:left;font-weight:600;padding:.3rem 0}.number{text-align:right;font-variant-numeric:tabular-nums}
.none{color:var(--soft)}.key{display:inline-block;width:.75em;height:.75em;print-color-adjust:exact}.warnings{border-left:4px solid #c98a2b;padding:.2rem 1rem;background:#c98a2b22}figure{margin:1.2rem 0}
figcaption{font-weight:600;margin-bottom:.3rem}figcaption small{font-weight:400;color:var(--soft)}svg{max-width:100%;height:auto}
.warnings h2{margin-top:.5rem}.tiles,nav{margin:1.2rem 0}.tiles{display:flex;flex-wrap:wrap;gap:.8rem}.tiles div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1rem;min-width:8rem}
.tiles b{display:block;font-size:1.5rem}.note{color:var(--soft)}
@media print{:root{color-scheme:light}body{max-width:none;font-size:11px;padding:0}.scroll{overflow:visible}th,td{padding:.2rem .35rem}h2{break-after:avoid}figure,table{break-inside:avoid}nav{display:none}.sheet{break-before:page;break-after:page;font-size:10px;line-height:1.25}.sheet h2,.sheet ul,.sheet p,.sheet figure{margin-top:.5em;margin-bottom:.5em}.sheet svg{max-height:6cm}.sheet .about{columns:2;font-size:9px}.sheet .about p{margin-top:0}}`);
