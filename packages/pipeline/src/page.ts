// Pages and their charts, whose library takes long to load.
export { barChart, type Estimate, intervalChart } from './page/charts.ts';
export { scoreMap } from './page/heat-maps.ts';
export { type Cell, formatNumber, type Html, html, percentCell, table } from './page/html.ts';
export { pagePolicy, pageStyle } from './page/page-style.ts';
