import { sampleReferenceDate } from './options.ts';
import { type Language, nameColumns } from './product-names.ts';

/** Options of the config of a generated bank. */
export interface SampleConfigOptions {
  /** Folder of the bank's Parquet files, as written in the config. A relative path starts from the config's folder. Default ./data. */
  path?: string;
  /** Folder for the output of runs. Default ./out. */
  output?: string;
  /** Reference date, YYYY-MM-DD. Default: the reference date of the sample bank. */
  referenceDate?: string;
  /** Whether the bank has the file customers-history.parquet. Default false. */
  history?: boolean;
  /** Kind of model of all campaigns. Default `automatic`. */
  model?: keyof typeof models;
  /** Length of the window in which lists are evaluated. Default `3 months`. */
  window?: string;
  /**
   * Whether customers get offers and are contacted. The bank then has contacts.parquet, and one file of contacts and one of holdings per contact day.
   * Default false.
   */
  offers?: boolean;
  /** Whether the config has a section `validation`, with example texts for a validation pack. Default false. */
  validation?: boolean;
  /** Language of product names. Default ko. */
  language?: Language;
}

const models = {
  automatic: `# learned in each run from recent purchases; the model of the next line is faster (docs/models.md)
model: { kind: automatic }
# model: { kind: als, factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, seed: 0 }`,
  als: 'model: { kind: als, factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, seed: 0 }',
};

const sinceText = `    since: JOIN_DT                 # customers who joined after the reference date get no lists
`;
const historyText = `    history: { from: customers-history.parquet, id: csno, date: snapshot_dt }
`;
const featuresText = `features:                          # customer columns that rank products: fixed, or as of each date by the history
  sex: { column: SEX_CD, fixed: true }
  age:
    sql: "year(:date) - year(BIRTH_DT) - if(month(BIRTH_DT) * 100 + day(BIRTH_DT) > month(:date) * 100 + day(:date), 1, 0)"
    bands: [20, 25, 30, 35, 45, 55, 65]
    fixed: true
  age_sex: { cross: [age, sex] }

`;

const contactsText = `  contacts:
    from: "contacts*.parquet"      # one file for each day with contacts
    customer: csno
    what: gds_cd
    by: code
    when: contact_dt
    answer: result
`;
const offersText = `
offers:
  value: { classes: { deposit: 10, insurance: 30, fund: 40 } }
  unit: points
  per_customer: 1
  capacity:
    calls: { most: 300 }           # for all campaigns together, in each run
    funds: { most: 80, classes: [fund] }
  contacts:
    answers: { refusal: ["NO"], purchase: ["YES"] }
    rest: { offer: 30 days, refusal: 6 months, purchase: 1 year, any: 14 days }
    at_most: { offers: 4, within: 6 months }
  control: { share: 0.2, salt: sample }
`;

/** Section on validation. Its texts are examples for all headings that a pack asks for. */
const validationText = `
validation:                        # statements of this bank, as an example; \`basketwise validate\` writes the pack
  owner: head of retail marketing
  purpose: choose five products per customer and campaign, for contact lists of advisers
  tier: "2"
  reviewers: [model risk, internal audit]
  next_review: 2023-02-28
  protected: [MARR_CD, { column: HSHD_CNT, bands: [2, 3, 4] }]
  bounds: { psi: 0.25, calibration: 1.5, exposure: 0.8, weak_slices: 5, gain: 0 }
  statements:
    sample bank: All customers and purchases are generated. So are the banks of the prior, which therefore suits this one better than a real bank. Nothing in this pack holds for another bank.
    meaning of the tier: 2 of 3. Lists guide offers; no contract, price or limit depends on them. Tier 1 is for models of credit and capital.
    developer: analytics team (config), Basketwise (program)
    users: advisers in branches and in the call centre
    validator: model risk, which takes no part in development and reports to the chief risk officer
    review: None of this run yet. The bank gives its lists to advisers only after a review without open conditions; that is an order, and release.approvals would enforce it.
    population: private customers who consented to marketing
    source of the data: Made by basketwise sample, on one day, for all dates. There is no system behind it, and it was not checked otherwise.
    benefit: More purchases per contact than with the present practice. Measured by a control group (offers.control), once lists are used.
    harm: Offers that do not suit a customer, contacts that annoy, and groups that get fewer or poorer offers.
    present practice: The most popular products of the last year, the same for all customers. The pack compares with such lists.
    choice of model: The default learns its weights from this bank's purchases in each run. The simpler ease is compared below; where both are level, the default stays for one way of working.
    fallback: Lists of the last run that model risk reviewed, up to 90 days. None is reviewed yet, so today the present practice.
    decision to stop: The owner, or model risk alone. Within one working day of an exit code 76.
    monitoring: A run and a pack each month, by the analytics team. Model risk reads the findings within five working days. The scheduler reports an exit code 76 to the owner at once.
    bounds: psi is a usual mark. exposure is the usual four fifths, against the largest group. calibration is a choice of the bank. gain 0 is the best list of popular products, which is at least as good as the present practice. weak_slices is the number that model risk can review in a day.
    action: Lists of a group beyond a bound are not used until model risk has reviewed the cause. Weak groups get the present practice. A group whose recall is lower than that of the largest group is watched over two packs, and then treated as weak.
    protected columns: Marital status and size of household are protected by the bank's policy on fair offers. Sex and age rank products, because insurance terms and life events such as pension depend on age, and legal approved sex. The pack reports calibration by both. Customers below 20 get few fund lists because of the rule AGE_UNDER_18.
    codes: SEX_CD 1 man, 2 woman; MARR_CD 1 married, 2 not married; HSHD_CNT persons in the household. Names of products are generated.
    reproduction: Not tried by model risk yet. The analytics team runs verify after each run.
`;

/** Sections of the config that are equal for all generated banks. */
const bankText = `guards: { max_row_drop: 0.2, max_unknown_products: 0.01 }

derive:                            # SQL over the customers table; all keys below can use these columns
  AGE_DVSN_CD: "cast(least(floor(AGE / 10) * 10, 90) as int)"
  OCPT_SPLIT: "case when OCPT_CD is null or OCPT_CD = '99' then 'unknown' when OCPT_CD < '50' then 'active' else 'inactive' end"
  grp_D: "case when HD + DD + SD > 0 then 1 else 0 end"
  grp_I: "case when INSU_TOT > 0 then 1 else 0 end"
  grp_C: "case when CARD_CNT > 0 then 1 else 0 end"
  grp_F: "case when FUND_CNT > 0 then 1 else 0 end"
  grp_TYPE: "concat(grp_D, grp_I, grp_C, grp_F)"

recency:                           # a holding has the first band that fits
  bands: [ { within: 6 months, weight: 1.0 }, { within: 1 year, weight: 0.75 }, { within: 3 years, weight: 0.5 }, { weight: 0.25 } ]

clusters:
  deposit:
    where: "grp_D = 1"
    method: kmeans
    k: 8
    seed: 0
    starts: 5
    numeric: [HD, DD, SD, AA, DPST_NOCS, GIVE_NOCS, OVRD_CNT, DPST_AMT, GIVE_AMT, PSRV_RAMT, M3_ABAL1, YEAR_ABAL1, ARRR_NOCS, ATPM_STNG_NOCS, AUTR_STNG_NOCS]
    categorical: [SEX_CD, AGE_DVSN_CD, OCPT_SPLIT, grp_I, grp_C, grp_F]
    scale: log-standard            # counts and amounts are skewed: with minmax, only age and sex would separate customers
    weights: {}
    important: [M3_ABAL1]          # warn if the clusters explain little of it
    model: models/deposit-clusters.arrow
  insurance:
    where: "grp_I = 1"
    method: kmeans
    k: 7
    seed: 0
    numeric: [DEATH, INJURY, DISEASE, CHILD, GROUP_INS, EDU, NONQUAL, QUAL, SAVING, RIDER, INSU_TOT]
    categorical: [SEX_CD, AGE_DVSN_CD, OCPT_SPLIT, grp_D, grp_C, grp_F]
    scale: log-standard
    model: models/insurance-clusters.arrow

segments:                          # from: inclusive, above: exclusive, to: exclusive
  balance:
    column: M3_ABAL1
    bands:
      - { label: "unknown", null: true }
      - { label: "below 0", to: 0 }
      - { label: "0", equals: 0 }
      - { label: "1 - 100k", above: 0, to: 100000 }
      - { label: "100k - 1.6M", from: 100000, to: 1600000 }
      - { label: "1.6M - 12M", from: 1600000, to: 12000000 }
      - { label: "12M - 120M", from: 12000000, to: 120000000 }
      - { label: "120M and more", from: 120000000 }
  accounts:
    column: AA
    bands: [ { label: "unknown", null: true }, { label: "none", to: 1 }, { label: "1", from: 1, to: 2 }, { label: "2", from: 2, to: 3 }, { label: "3", from: 3, to: 4 }, { label: "4 and more", from: 4 } ]
  insurance_types: { flags: [DEATH, INJURY, DISEASE, CHILD, GROUP_INS, EDU, NONQUAL, QUAL, SAVING, RIDER] }
  business_lines: { flags: [grp_D, grp_I, grp_C, grp_F] }
  deposit_map: { cross: [balance, accounts] }

rules:                             # eligibility: the predicate must be true; null counts as not eligible
  - { reason: AGE_UNDER_18, class: fund, require: "AGE >= 18" }
  - { reason: NO_MARKETING_CONSENT, require: "CONSENT_YN = 'Y'" }

campaigns:
  deposit-upsell:   { kind: upsell, class: deposit, by_cluster: deposit }
  insurance-upsell: { kind: upsell, class: insurance, by_cluster: insurance }
  fund-upsell:      { kind: upsell, class: fund }
  deposit-cross:    { kind: cross, class: deposit, columns: [deposit, insurance] }
  insurance-cross:  { kind: cross, class: insurance, columns: [deposit, insurance] }
  fund-cross:       { kind: cross, class: fund, columns: [deposit, insurance, fund], train: holders }

`;

/** Config from its start to the end of the section `tables`. */
function tablesText(
  { path = './data', referenceDate = sampleReferenceDate, history, offers, language = 'ko' }: SampleConfigOptions,
  isAutomatic: boolean,
): string {
  return `# basketwise.yaml: the whole nightly job, for a generated postal bank
# Relative paths start from the folder of this file. An unknown key is an error with its line.
reference_date: ${referenceDate}

source:
  engine: duckdb
  path: ${JSON.stringify(path)}
  memory: 4GB                      # memory limit of the engine; beyond it, the engine uses a temporary folder in output.dir

tables:
  customers:
    from: customers.parquet
    id: csno
${isAutomatic ? sinceText : ''}${history ? historyText : ''}  products:
    from: products.parquet
    code: gds_cd
    name: ${nameColumns[language]}
    class: gds_class
    sale_end: sale_end_dt          # null or 99991231: on sale
    group: null                    # products with the same name are one product anyway
  holdings:
    from: ${offers ? '"holdings*.parquet"     # with purchases after contacts' : 'holdings.parquet'}
    customer: csno
    product: ${nameColumns[language]}
    by: name
    date: open_dt                  # null: oldest band, and counted
    closed: close_dt               # null: open
    where: null
${offers ? contactsText : ''}
${isAutomatic ? featuresText : ''}`;
}

/** Last sections of the config, from the model on. */
function textFromModel(options: SampleConfigOptions): string {
  const { model = 'automatic', window = '3 months', output = './out', offers, validation } = options;
  return `${models[model]}
top_n: 5
workers: auto
${offers ? offersText : ''}
evaluate: { window: ${window}, gap: 0 days, windows: 1, at: [1, 3, 5, 10], bootstrap: 2000, seed: 0 }
tune: { search: grid, parameters: { factors: [16, 32, 64], regularization: [1, 10, 40, 100], alpha: [5, 10, 40], iterations: [15] }, metric: ndcg@5 }

output:
  dir: ${JSON.stringify(output)}
  formats: [parquet, csv]
  report: true
  keep: ${offers ? 60 : 14}
log: { level: info, file: null }
${validation ? validationText : ''}`;
}

/** Text of basketwise.yaml for a generated bank. */
export function sampleConfig(options: SampleConfigOptions = {}): string {
  const isAutomatic = (options.model ?? 'automatic') === 'automatic';
  return tablesText(options, isAutomatic) + bankText + textFromModel(options);
}
