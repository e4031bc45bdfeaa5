import { type SmallBank, smallBank } from './small-bank.ts';

const most = 400;

const section = `
segments:
  age: { column: age, bands: [ { label: young, to: 40 }, { label: old, from: 40 } ] }
offers:
  value: { classes: { deposit: 10, insurance: 25 }, products: { D4: 14 } }
  per_customer: 1
  capacity:
    calls: { most: 60, campaigns: [insurance-cross] }
    young: { most: 40, least: 10, segment: { age: young } }
    savings: { most: 30, products: [D4] }
  contacts:
    answers: { refusal: [NO], purchase: [YES] }
    rest: { offer: 30 days, refusal: 1 year, any: 3 days }
    at_most: { offers: 3, within: 90 days }
  never_together: [ { products: [I2, I3] } ]
  control: { share: 0.2, salt: spring }
`;

/** Contacts of every third customer: what, when and the answer differ. */
export const contacts = Array.from({ length: most }, (_, i) => i)
  .filter((i) => i % 3 === 0)
  .flatMap((i) => {
    const id = String(i).padStart(4, '0');
    if (i % 12 === 0) return [`${id},D4,2022-08-30,`];
    if (i % 9 === 0) return [`${id},I2,2022-03-01,NO`, `${id},I3,2022-08-10,`];
    if (i % 15 === 0) return [`${id},D1,2022-07-01,`, `${id},I1,2022-07-10,YES`, `${id},D4,2022-07-20,NO`];
    return [`${id},I2,2022-08-01,NO`, `${id},I1,2022-08-02,`];
  });

export const contactsCsv = (rows: readonly string[]) => `customer,what,day,answer\n${rows.join('\n')}\n`;

/** The line of the config that names it. */
export const contactsTable = '  contacts: { from: contacts.csv, customer: customer, what: what, when: day, answer: answer }\n';

/** The small bank with offers, contacts and a control. @param change of its config @param customers at most 400 */
export function offeringBank(change: (config: string) => string = (config) => config, customers = most): SmallBank {
  const bank = smallBank(customers);
  const config = bank.config.replace('guards:', `${contactsTable}guards:`).concat(section);
  return {
    ...bank,
    config: change(config),
    files: { 'contacts.csv': contactsCsv(contacts.filter((row) => Number(row.slice(0, 4)) < customers)) },
  };
}
