import type { Method, MethodName } from '../methods.ts';
import { crosstabReducer, histogramReducer, riskReducer } from './counts.ts';
import { describeReducer } from './describe.ts';
import { linearReducer } from './linear.ts';
import { beforeAfterReducer, correlationReducer, differenceReducer, tTestReducer } from './means.ts';
import type { Reducer } from './question.ts';

type RowMethodName = 'survival' | 'logistic-regression';

const reducers: Readonly<Record<Exclude<MethodName, RowMethodName>, Reducer<never>>> = {
  describe: describeReducer,
  histogram: histogramReducer,
  crosstab: crosstabReducer,
  risk: riskReducer,
  't-test': tTestReducer,
  correlation: correlationReducer,
  'linear-regression': linearReducer,
  'before-after': beforeAfterReducer,
  'difference-in-differences': differenceReducer,
};

/** How a method is reduced to aggregates. */
export function reducerOf(method: Exclude<Method, { name: RowMethodName }>): Reducer {
  return reducers[method.name] as Reducer;
}
