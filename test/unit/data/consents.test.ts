import { checkSources, consentMeaning, consentSense } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

/** A table with one more column, whose values repeat. */
function withColumn(table: string, name: string, values: readonly string[]): string {
  const [header, ...rows] = table.trim().split('\n');
  return [`${header},${name}`, ...rows.map((row, i) => `${row},${values[i % values.length]}`), ''].join('\n');
}

async function consentsOf(customers: string, changes: Parameters<typeof smallRequest>[0]) {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers });
  return (await checkSources(await openEngine(folder), smallRequest(changes))).consents;
}

async function unused(customers: string, changes: Parameters<typeof smallRequest>[0]): Promise<string[]> {
  return (await consentsOf(customers, changes)).map(({ column }) => column);
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

test.each([
  [
    'says-yes',
    'CONSENT_YN MarketingConsent MKT_AGREE opt_in may_contact_optin 마케팅수신동의 同意フラグ メール配信同意 einwilligung_werbung',
  ],
  [
    'says-yes',
    'werbung_erlaubt consentement acepta_publicidad zgoda_marketingowa souhlas_s_marketingem toestemming iletisim_izni',
  ],
  [
    'says-no',
    'DO_NOT_SOLICIT OPT_OUT OPTOUT DNC_FLAG DECEASED no_marketing no_consent nomail stop_sms suppress_flag exclude_mkt blocked',
  ],
  [
    'says-no',
    'unsubscribed consent_withdrawn robinson 수신거부여부 동의철회 마케팅미동의 두낫콜 사망여부 DM拒否 勧誘不可 メール配信停止 同意なし',
  ],
  [
    'says-no',
    'Werbewiderspruch keine_werbung Werbesperre nicht_kontaktieren Einwilligung_widerrufen refus_pub ne_pas_contacter désinscrit',
  ],
  [
    'says-no',
    'opposition_prospection liste_rouge no_llamar rechaza_publicidad sprzeciw brak_zgody wycofanie_zgody nesouhlas bez_souhlasu zakaz_kontaktu',
  ],
  [
    'unsure',
    'marketing newsletter solicit_flg gdpr DM可否 동의거부 opt_in_out no_opt_out not_deceased opt_out_cancelled consent_required',
  ],
  [
    undefined,
    'agreement_no option 수신잔액 opposition_carte consentimiento_sepa exclusive object_id email_no email_invalid accept_terms unblocked',
  ],
])('yes in a column means a consent or an objection, by its name: %s in %s', (sense, names) => {
  expect(names.split(' ').filter((name) => consentSense(name) !== sense)).toEqual([]);
});

test('a sure sense has one reading, an unsure one both, and values that say nothing none', () => {
  const values = (...all: string[]) => all.map((value, i) => ({ value, rows: 10 + i }));
  const read = (...[sense, found, blank]: Parameters<typeof consentMeaning>) => {
    const { readings, ...meaning } = consentMeaning(sense, found, blank);
    return [meaning.sense, ...readings.map(({ value, rows }) => `${value} ${rows}`)];
  };
  expect(read('says-yes', values('Y', 'N'), 0)).toEqual(['says-yes', 'Y 10']);
  expect(read('says-no', values('Y', 'N'), 0)).toEqual(['says-no', 'N 11']);
  expect(read('says-no', values('Y'), 7)).toEqual(['says-no', 'null 7']);
  expect(read('says-no', null, 7)).toEqual(['says-no', 'null 7']);
  expect(read('unsure', values('N', 'Y'), 0)).toEqual(['unsure', 'Y 11', 'N 10']);
  expect(read('unsure', values('granted', 'revoked'), 0)).toEqual(['says-yes', 'granted 10']);
  expect(read('says-no', values('可', '不可'), 0)).toEqual(['unsure', '可 10', '不可 11']);
  expect(read('says-no', values('N'), 7)).toEqual(['says-no', 'N 10']);
  expect(read('says-yes', values('N'), 7)).toEqual(['says-yes']);
  expect(read('says-yes', values('A', 'B'), 0)).toEqual(['says-yes']);
});

test('columns of objections that no rule uses stand beside a consent that one uses', async () => {
  const table = withColumn(withColumn(smallBank.customers, 'deceased', ['Y', '', '']), 'newsletter', ['Y', 'N']);
  const found = await consentsOf(table, { rules: [{ reason: 'C', require: "CONSENT_YN = 'Y'" }] });
  const readings = [expect.objectContaining({ require: "coalesce(trim(deceased), '') = ''" })];
  expect(found).toEqual([{ column: 'deceased', sense: 'says-no', readings, isBeside: true }]);
});
