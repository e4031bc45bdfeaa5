import { checkSources } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

/** A table with one more column, whose values repeat. */
function withColumn(table: string, name: string, values: readonly string[]): string {
  const [header, ...rows] = table.trim().split('\n');
  return [`${header},${name}`, ...rows.map((row, i) => `${row},${values[i % values.length]}`), ''].join('\n');
}

async function unused(customers: string, changes: Parameters<typeof smallRequest>[0]): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers });
  return (await checkSources(await openEngine(folder), smallRequest(changes))).consents;
}

const ofAge = [{ reason: 'AGE_UNDER_18', require: 'AGE >= 18' }];

test('columns that may be consents are found by name and values', async () => {
  const named = ['consent', 'MarketingConsent', 'MKT_AGREE', 'opt_out', 'do_not_call', 'Deceased', 'blocked', '수신동의여부'];
  const others = ['agreement_no', 'option', '수신잔액', 'branch', 'market'];
  const filled = [...named, ...others].reduce((table, name) => withColumn(table, name, ['Y', 'N', '']), smallBank.customers);
  const regions = withColumn(filled, 'marketing_region', ['a', 'b', 'c', 'd']);
  const found = await unused(withColumn(regions, 'permission', ['']), { rules: ofAge });
  expect(found).toEqual(['CONSENT_YN', ...named]);
});

test('approvals of other things are no consents', async () => {
  const named = ['toestemming', 'opposition', 'toestemming_mail', 'autorizacion_publicidad', 'iletisim_izni', 'opposition_pub'];
  const others = ['autorisation_decouvert', 'autorizacion_debito', 'kredi_onay', 'toestemming_incasso', 'consentimiento_sepa'];
  const filled = [...named, ...others, 'opposition_carte', 'opposite'].reduce(
    (table, name) => withColumn(table, name, ['Y', 'N', '']),
    smallBank.customers,
  );
  expect(await unused(filled, { rules: ofAge })).toEqual(['CONSENT_YN', ...named]);
});

test('a consent is used by a rule, a derived column of a rule, or the WHERE of a query', async () => {
  const { customers } = smallBank;
  const query = (sql: string) => ({ rules: ofAge, customers: { sql, id: 'csno' } });
  expect(await unused(customers, { rules: ofAge })).toEqual(['CONSENT_YN']);
  expect(await unused(customers, { rules: [{ reason: 'C', class: 'deposit', require: "consent_yn = 'Y'" }] })).toEqual([]);
  const derive = { BAND: '1', IS_OLD: 'true', GIVEN: "CONSENT_YN = 'Y'", ASKED: 'GIVEN AND AGE > 17' };
  expect(await unused(customers, { derive, rules: [{ reason: 'C', require: 'ASKED' }] })).toEqual([]);
  expect(await unused(customers, { derive, rules: ofAge })).toEqual(['CONSENT_YN']);
  expect(await unused(customers, query("SELECT * FROM 'customers.csv' WHERE CONSENT_YN = 'Y'"))).toEqual([]);
  expect(await unused(customers, query("SELECT csno, AGE, HD, CONSENT_YN FROM 'customers.csv'"))).toEqual(['CONSENT_YN']);
});
