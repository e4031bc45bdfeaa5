// Byte offsets of the fields of a BasketRecord. The field `number` has offset 0. The packed entries follow the record.
// The constants are inlined so that they compile like literals. Decorators on constants exist only in AssemblyScript, so biome.json
// excludes this file.
import { BasketRecord } from './layouts';

@inline export const multiplicityAt: usize = offsetof<BasketRecord>('multiplicity');
@inline export const groupAt: usize = offsetof<BasketRecord>('group');
@inline export const lengthAt: usize = offsetof<BasketRecord>('length');
@inline export const entriesAt: usize = offsetof<BasketRecord>();
/** Words of a record before its entries. */
@inline export const headWords: u32 = <u32>(offsetof<BasketRecord>() >> 2);
