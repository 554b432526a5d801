import { publishedReports } from '../../.vitepress/published.js'

export default {
  paths: () =>
    publishedReports().map(({ name }) => ({
      params: { report: name },
      content: `# Benchmarks ${name}`,
    })),
}
