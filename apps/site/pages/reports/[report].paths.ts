import { reportNames } from '../../.vitepress/published.js'

export default {
  paths: () =>
    reportNames().map((report) => ({ params: { report }, content: `# Benchmarks ${report}` })),
}
