import { contactLogBank, koreanBank } from './strange-tables/contact-logs.ts';
import { regionBank, repeatedBank, splitBank } from './strange-tables/customer-tables.ts';
import { dateless, statusBank } from './strange-tables/ends-of-holdings.ts';
import { codeTableBank, databaseBank } from './strange-tables/further-tables.ts';
import { pairBank, secondColumnBank } from './strange-tables/joint-holders.ts';
import type { StrangeBank } from './strange-tables/plain-bank.ts';

/** The strange banks; the first ones have the faults that cost most. */
export const strangeBanks: readonly (() => StrangeBank)[] = [
  ...[contactLogBank, splitBank, pairBank, codeTableBank, () => repeatedBank(true), () => repeatedBank(false)],
  ...[regionBank, secondColumnBank, koreanBank, statusBank, databaseBank, dateless],
];
