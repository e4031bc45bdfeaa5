// Pages and tables without charts, whose library takes long to load.
export { type Cell, figureCell, formatNumber, type Html, html, percentCell, table, unknownFigure } from './html.ts';
export { pagePolicy, pageStyle } from './page-style.ts';
export { shortened, textTable, wrapped } from './text-table.ts';
