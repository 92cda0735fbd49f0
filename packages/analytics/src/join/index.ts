export { type JoinShares, joinInputs, joinLanes, joinMeet, joinWires, type RuleJoin } from './join.ts';
export { completeOrder, type HubJoin, hubJoin, type JoinOptions, type JoinTable, spokeJoin } from './owner.ts';
