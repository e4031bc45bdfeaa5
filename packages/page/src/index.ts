// Pages and tables without charts, whose library takes long to load.
export {
  type Columns,
  factTable,
  htmlParts,
  markdownParts,
  type Part,
  pagePolicy,
  pageStyle,
  type Table,
  tableOf,
} from './document.ts';
export {
  type Cell,
  figureCell,
  formatNumber,
  type Html,
  html,
  markdownTable,
  markdownText,
  percentCell,
  table,
  unknownFigure,
} from './html.ts';

export { labelledText, shortened, textTable, wrapped } from './text-table.ts';
