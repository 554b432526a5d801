import type { Theme } from 'vitepress'
// Without fonts of its own: those of the system, and nothing to load.
import DefaultTheme from 'vitepress/theme-without-fonts'
import SiteLayout from './SiteLayout.vue'
import './style.css'

export default { extends: DefaultTheme, Layout: SiteLayout } satisfies Theme
