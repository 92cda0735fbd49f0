export { type Constant, constantKinds, constantOf } from './constant.ts';
export { dateFunctions, dateOf, dateParts, daysOf, partRange } from './date.ts';
export {
  addDecimal,
  atScale,
  type Decimal,
  floorDecimal,
  lowestTerms,
  parseDecimal,
  power,
  printDecimal,
  timesDecimal,
  trimDecimal,
  zero,
} from './decimal.ts';
export { absolute, hull, type Interval, multiple, plus, quotient, remainder, scaled, times } from './interval.ts';
export { columnSqlType, printCall, printCase, printDate, printNumber, quoteName, quoteText } from './print.ts';
export { isName, texts } from './signature.ts';
export {
  type Comparison,
  children,
  comparisons,
  firstPlace,
  isPlainCall,
  list,
  type Node,
  node,
  type SqlParser,
  text,
} from './tree.ts';
