/**
 * A word that is not of the field, with the most places that may have it. A number above 0 counts names and sentences still to be rewritten, or has its reason beside
 * it. Places without a number are not counted.
 */
interface DialectWord {
  /** Regular expression of the word. */
  readonly word: string;
  /** The field's word, or what the sentence should name. */
  readonly use: string;
  /** Most in comments of packages/ and assembly/. */
  readonly comments?: number;
  /** Most in texts of packages/: messages, reports, descriptions. */
  readonly texts?: number;
  /** Most distinct identifiers of packages/ and assembly/ with the word. */
  readonly names?: number;
  /** Whether comments and texts of tests, benches and scripts have none either. */
  readonly nowhere?: true;
}

const nowhere = true;
const none = { comments: 0, texts: 0, names: 0 };

/** Words of the dialect. The user `nobody` runs caged programs of tests, and customers of tests are named so. */
export const dialect: readonly DialectWord[] = [
  { word: 'told', use: 'named, reported, given', ...none, nowhere },
  { word: 'tells', use: 'shows, names, determines', ...none, nowhere },
  { word: 'telling', use: 'exporters', ...none, nowhere },
  { word: 'teller', use: 'exporter', names: 0 },
  { word: 'tell', use: 'report', names: 1 },
  { word: 'untold', use: 'unknown, unnamed', names: 0 },
  { word: 'whoever', use: 'name the set: callers, readers', ...none, nowhere },
  { word: 'whom', use: 'name the customers', ...none, texts: 1, nowhere },
  { word: 'whatever', use: 'name the set', nowhere },
  { word: 'nobody', use: 'no customer, no product', ...none },
  { word: 'everybody', use: 'all customers', ...none, comments: 1, nowhere }, // a directive of the linter says why
  { word: 'anybody', use: 'any customer', ...none, texts: 1 },
  { word: 'somebody', use: 'a customer, a person', ...none, texts: 1 },
  { word: 'lessons?', use: 'training data', ...none, nowhere },
  { word: 'pupils?', use: 'learner', ...none, nowhere },
  { word: 'rivals?', use: 'challenger', ...none, nowhere },
  { word: 'as it was', use: 'unchanged', comments: 0, texts: 0 },
  { word: 'those who', use: 'customers with', comments: 0, texts: 1, nowhere },
  { word: 'nights?', use: 'run', comments: 0, texts: 6 }, // the page of an output folder and the parts of records are named so
  { word: 'nightly', use: 'batch', comments: 0, texts: 5 }, // the help, the page and pages of docs say nightly batch
  { word: 'leans?', use: 'prior, shrunk towards', ...none },
  { word: 'leaning', use: 'prior', ...none },
  { word: 'bends?', use: 'curvature', ...none },
  { word: 'fading', use: 'decay', ...none },
  { word: 'pulls', use: 'gradient', names: 0 },
  { word: 'hiding', use: 'held out', names: 1 },
];
