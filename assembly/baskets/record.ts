// Byte offsets of the fields of a BasketRecord. Its number comes first; its packed entries follow it. Inlined, so that they compile like
// plain numbers. Decorated constants are AssemblyScript only: biome.json excludes this file.
import { BasketRecord } from './layouts';

@inline export const multiplicityAt: usize = offsetof<BasketRecord>('multiplicity');
@inline export const groupAt: usize = offsetof<BasketRecord>('group');
@inline export const lengthAt: usize = offsetof<BasketRecord>('length');
@inline export const entriesAt: usize = offsetof<BasketRecord>();
/** Words of a record before its entries. */
@inline export const headWords: u32 = <u32>(offsetof<BasketRecord>() >> 2);
