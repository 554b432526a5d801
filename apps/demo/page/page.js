/**
 * @typedef {import('../src/page-state.ts').PageState} PageState
 * @typedef {import('../src/page-state.ts').GroupView} GroupView
 * @typedef {import('../src/page-state.ts').ProgramView} ProgramView
 * @typedef {import('../src/page-state.ts').PressView} PressView
 */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/**
 * The only element that a selector matches.
 * @param {ParentNode} parent
 * @param {string} selector
 */
function find(parent, selector) {
  const element = parent.querySelector(selector)
  if (!(element instanceof HTMLElement)) throw new Error(`the page has no ${selector}`)
  return element
}

function findSelect() {
  const select = find(document, 'select')
  if (!(select instanceof HTMLSelectElement)) throw new Error('the page has no select')
  return select
}

/**
 * Leaves text that does not change alone, for the sake of screen readers, selections and the browser.
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * A copy of a template's only element.
 * @param {string} selector
 */
function copy(selector) {
  const template = find(document, selector)
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`${selector} is not a template`)
  const element = template.content.firstElementChild?.cloneNode(true)
  if (!(element instanceof HTMLElement)) throw new Error(`${selector} is empty`)
  return element
}

/**
 * @param {HTMLElement} row
 * @param {ProgramView} program
 */
function showProgram(row, { name, state, mishap, pid, share, perSecond, answered, queue }) {
  row.dataset.program = name
  row.dataset.state = state
  write(find(row, 'h3'), name)
  write(find(row, '.state'), mishap === null ? state : `${state} (${mishap})`)
  write(find(row, '.share'), percent.format(share))
  find(row, '.bar > div').style.setProperty('--share', String(share))
  write(find(row, '.pid'), pid === null ? '–' : String(pid))
  write(find(row, '.per-second'), whole.format(perSecond))
  write(find(row, '.answered'), whole.format(answered))
  write(find(row, '.queue'), queue === null ? '–' : `${queue.length} of ${queue.limit}`)
}

/**
 * @param {HTMLElement} section
 * @param {GroupView} group
 */
function showGroup(section, { title, sentence, programs, perSecond, answered, failed, reasons }) {
  write(find(section, 'h2'), title)
  write(find(section, '.sentence'), sentence)
  write(find(section, '.sums .per-second'), whole.format(perSecond))
  write(find(section, '.sums .answered'), whole.format(answered))
  write(find(section, '.failed'), whole.format(failed))
  section.classList.toggle('failing', failed > 0)
  write(find(section, '.reasons'), reasons)
  showEach(find(section, '.programs'), programs, '#program', showProgram)
}

/**
 * One element for each item, made when it is needed.
 * @template Item
 * @param {HTMLElement} list
 * @param {Item[]} items
 * @param {string} template
 * @param {(element: HTMLElement, item: Item) => void} show
 */
function showEach(list, items, template, show) {
  items.forEach((item, index) => {
    if (list.children.length === index) list.append(copy(template))
    const element = list.children[index]
    if (element instanceof HTMLElement) show(element, item)
  })
}

const select = findSelect()
const buttons = [...document.querySelectorAll('button')]

for (const button of buttons) {
  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true') return
    const { action } = button.dataset
    const name = action === 'restart' ? 'all' : select.value
    // The next state shows the result; if the demo is gone, the events end.
    fetch(`/programs/${name}/${action}`, { method: 'POST' }).catch(() => {})
  })
}

/** @param {PageState} state */
function showButtons({ groups, press }) {
  const all = groups.flatMap(({ programs }) => programs)
  for (const name of new Set(all.map(({ name }) => name))) {
    if (![...select.options].some(({ value }) => value === name)) select.add(new Option(name))
  }
  const stopped = all.some(({ name, state }) => name === select.value && state === 'stopped')
  const busy = press?.done === false
  for (const button of buttons) {
    const { action } = button.dataset
    if (!busy && (action === 'stop' || action === 'start')) {
      button.dataset.action = stopped ? 'start' : 'stop'
      write(button, stopped ? 'Start' : 'Stop')
    }
    const absent = stopped && (action === 'kill' || action === 'stall')
    // A button that is really disabled would lose the keyboard focus.
    button.ariaDisabled = String(busy || absent)
  }
}

/** @param {PressView} press */
function showResult({ what, done, outcomes }) {
  const heading = done ? `${what}, done:` : `${what} …`
  const lines = done ? outcomes.map(({ title, outcome }) => `${title}: ${outcome}`) : []
  // One line each; the region is read out whenever its text changes.
  write(find(document, '#result'), [heading, ...lines].join('\n'))
}

/** @param {PageState} state */
function show(state) {
  showEach(find(document, '#groups'), state.groups, '#group', showGroup)
  write(find(document, '#note'), state.note ?? '')
  showButtons(state)
  if (state.press !== null) showResult(state.press)
}

/** @param {boolean} gone whether the demo can no longer be reached */
function showGone(gone) {
  document.body.classList.toggle('gone', gone)
  find(document, '#buttons').inert = gone
  const text = 'The demo has ended: these are its last figures. Start it again with “npm start”.'
  write(find(document, '#gone'), gone ? text : '')
}

const events = new EventSource('/events') // It reconnects by itself.
events.addEventListener('open', () => showGone(false))
events.addEventListener('error', () => showGone(true))
events.addEventListener('message', ({ data }) => show(JSON.parse(data)))
