import { type LastMeasured, lastMeasured } from '@reuse/benchmarks/report'
import { publishedReports } from '../../.vitepress/published.js'

/** The newest report that has each scenario. */
export default {
  load: (): LastMeasured[] => lastMeasured(publishedReports()),
}
