/** Advice where values are no dates. @param also what may stand there besides */
export function dateHint(also = ''): string {
  return `Deliver dates as DATE, YYYY-MM-DD, YYYYMMDD or ISO timestamps${also}.`;
}
