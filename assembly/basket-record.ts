// Where the fields of a BasketRecord lie, in bytes. Its number comes first; its packed entries come after it. Inlined, so
// that they compile to what plain numbers do. Decorated constants are AssemblyScript only: biome.json leaves this file out.
import { BasketRecord } from './layouts';

@inline export const multiplicityAt: usize = offsetof<BasketRecord>('multiplicity');
@inline export const groupAt: usize = offsetof<BasketRecord>('group');
@inline export const lengthAt: usize = offsetof<BasketRecord>('length');
@inline export const entriesAt: usize = offsetof<BasketRecord>();
/** Words of a record before its entries. */
@inline export const headWords: u32 = <u32>(offsetof<BasketRecord>() >> 2);
