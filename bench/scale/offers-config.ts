import { sampleConfig } from '@basketwise/sample';

/** Branches that customers are spread over, by their district. */
const branches = 120;

/** Segments of customers by branch, by which capacities divide them. */
const segments = `segments:
  branch:
    column: BRANCH
    bands: [ ${Array.from({ length: branches }, (_, i) => {
      const limits = [...(i > 0 ? [`from: ${i}`] : []), ...(i < branches - 1 ? [`to: ${i + 1}`] : [])];
      return `{ label: "b${i}", ${limits.join(', ')} }`;
    }).join(', ')} ]`;

const campaigns = ['deposit-upsell', 'insurance-upsell', 'fund-upsell', 'deposit-cross', 'insurance-cross', 'fund-cross'];

/**
 * The sample's config with branches, and with or without offers: one to a customer, and 1,000 capacities that overlap. 720 are of a campaign in a branch, 120 of
 * all calls of a branch, 6 of a campaign in the whole bank, 154 of a product; some have a minimum.
 * @param customers of the bank: capacities grow with it
 */
export function offersConfig(options: {
  path: string;
  customers: number;
  withOffers: boolean;
  codes: readonly string[];
}): string {
  const { path, customers, withOffers, codes } = options;
  const config = sampleConfig({ model: 'als', path })
    .replace('formats: [parquet, csv]', 'formats: [parquet]')
    .replace('derive:', `derive:\n  BRANCH: "cast(csno as bigint) % ${branches}"`)
    .replace('segments:', segments);
  return withOffers ? `${config}${offersSection(customers, codes)}` : config;
}

function offersSection(customers: number, codes: readonly string[]): string {
  const mean = customers / branches;
  const spread = (i: number) => 0.4 + ((i * 7919) % 113) / 70;
  const capacities: string[] = [];
  const add = (name: string, limits: string, scope: string) => capacities.push(`    ${name}: { ${limits}, ${scope} }`);
  for (let b = 0; b < branches; b++) {
    for (const [i, campaign] of campaigns.entries()) {
      const most = Math.ceil(mean * 0.03 * spread(b * 6 + i));
      const least = (b + i) % 11 === 0 ? `least: ${Math.floor(most / 8)}, ` : '';
      add(`b${b}-${campaign}`, `${least}most: ${most}`, `campaigns: [${campaign}], segment: { branch: b${b} }`);
    }
    add(`b${b}`, `most: ${Math.ceil(mean * 0.12 * spread(b))}`, `segment: { branch: b${b} }`);
  }
  for (const [i, campaign] of campaigns.entries())
    add(campaign, `most: ${Math.ceil(customers * 0.02 * spread(i))}`, `campaigns: [${campaign}]`);
  for (const [i, code] of codes.slice(0, 154).entries())
    add(`product-${i}`, `most: ${Math.ceil(customers * 0.001 * spread(i))}`, `products: ["${code}"]`);
  return `
offers:
  value: { classes: { deposit: 12, insurance: 30, fund: 45 } }
  per_customer: 1
  capacity:
${capacities.join('\n')}
  control: { share: 0.1, salt: claim }
`;
}
