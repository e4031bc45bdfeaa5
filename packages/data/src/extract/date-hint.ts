/** Hint for invalid dates. @param also other values allowed there */
export function dateHint(also = ''): string {
  return `Deliver dates as DATE, YYYY-MM-DD, YYYYMMDD or ISO timestamps${also}, or give their format in \`date_format\`.`;
}
