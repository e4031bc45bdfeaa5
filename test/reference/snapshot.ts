/** A row of each table, as plain values; null stands for an empty field. */
export interface BankRows {
  customers: readonly { id: string | null }[];
  products: readonly { code: string; name: string; class: string; saleEnd: string | null; group: string | null }[];
  holdings: readonly { customer: string | null; product: string | null; opened: string | null; closed: string | null }[];
}

/** Order by UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sameText(a: string, b: string): boolean {
  return a.normalize('NFC').trim() === b.normalize('NFC').trim();
}

/** An id of a customer, its full-width characters as ASCII. */
function narrow(id: string): string {
  return id.replaceAll(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0));
}

/**
 * Contents that a snapshot of these rows must have, written as plainly as can be: no maps, no grouping structure, every pair compared.
 * @param by what holdings name products by: products of one name are one only where it is the name
 */
export function snapshotOf({ customers, products, holdings }: BankRows, referenceDate: string, by: 'name' | 'code' = 'name') {
  const ids = customers.flatMap(({ id }) => (id === null ? [] : narrow(id))).sort(byBytes);
  const sorted = [...products].sort((a, b) => byBytes(a.code, b.code));
  const equivalent = sorted.map((a) =>
    sorted.map(
      (b) =>
        a.code === b.code ||
        (by === 'name' && sameText(a.name, b.name)) ||
        (a.group !== null && b.group !== null && sameText(a.group, b.group)),
    ),
  );
  for (let k = 0; k < sorted.length; k++) {
    for (const row of equivalent) for (let j = 0; j < sorted.length; j++) row[j] ||= row[k]! && equivalent[k]![j]!;
  }
  const expectedProducts = sorted.map(({ code, name, class: of }, i) => {
    const group = sorted.flatMap((_, j) => (equivalent[i]![j] ? j : []));
    const onSale = (j: number) => sorted[j]!.saleEnd === null || sorted[j]!.saleEnd! >= referenceDate;
    return {
      product: i,
      code,
      name,
      class: of,
      groupKey: sorted[group[0]!]!.code,
      onSale: onSale(i),
      representative: group.find(onSale) ?? null,
    };
  });
  const dropped = { nullCustomer: 0, nullProduct: 0, unknownProduct: 0, unknownCustomer: 0 };
  const all: typeof kept = [];
  const kept: { customer: number; product: number; group: string; opened: string | null; closed: string | null }[] = [];
  let repeated = 0;
  for (const { customer: delivered, product, opened, closed } of holdings) {
    const customer = delivered === null ? null : narrow(delivered);
    const found = product === null ? undefined : expectedProducts.find((one) => sameText(one[by], product));
    if (customer === null) dropped.nullCustomer++;
    else if (product === null) dropped.nullProduct++;
    else if (found === undefined) dropped.unknownProduct++;
    else if (!ids.includes(customer)) dropped.unknownCustomer++;
    else {
      const row = {
        customer: ids.indexOf(customer),
        product: found.product,
        group: found.groupKey,
        opened,
        closed: closed === '9999-12-31' ? null : closed,
      };
      all.push(row);
      if (kept.some((other) => JSON.stringify(other) === JSON.stringify(row))) repeated++;
      else kept.push(row);
    }
  }
  const isOpen = ({ opened, closed }: (typeof kept)[number]) =>
    (opened === null || opened <= referenceDate) && (closed === null || closed > referenceDate);
  const open = all.filter(isOpen);
  return {
    ids,
    products: expectedProducts,
    dropped,
    kept: kept.length,
    repeated,
    afterReference: kept.filter(({ opened }) => opened !== null && opened > referenceDate).length,
    closed: kept.filter(
      ({ opened, closed }) => (opened === null || opened <= referenceDate) && closed !== null && closed <= referenceDate,
    ).length,
    undated: kept.filter(({ opened }) => opened === null).length,
    withoutHoldings: ids.filter((_, i) => !open.some(({ customer }) => customer === i)).length,
    /** `customer group date` of the holdings that are open on the reference date. */
    open: open.map(({ customer, group, opened }) => `${customer} ${group} ${opened ?? 'undated'}`).sort(byBytes),
  };
}
