/** Number of each type in thrift's binary protocol. */
export const thriftTypes = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
};

/** Number of bytes of a value, for the types whose values have a fixed size. */
export const widths: ReadonlyMap<number, number> = new Map([
  [thriftTypes.bool, 1],
  [thriftTypes.byte, 1],
  [thriftTypes.double, 8],
  [thriftTypes.i16, 2],
  [thriftTypes.i32, 4],
  [thriftTypes.i64, 8],
]);
