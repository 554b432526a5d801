export { countAnswers, request } from './client.js'
export { type Exit, Fixture, type FixtureOptions, startFixture, startNode } from './fixture.js'
export { onCommand, say } from './fixture-side.js'
export { codeBlocks } from './readme.js'
